// The least that a broker can do: one ROUTER that passes a client's messages to a worker and back.
//
// It looks at no more than the kind of a message. What it does per call is the measure for a dispatcher that does its job.

#include "wire.h"

static int is_module(zmq_msg_t *hello) {
    const char role[] = "\"module\"";
    return memmem(zmq_msg_data(hello), zmq_msg_size(hello), role, sizeof role - 1) != NULL;
}

static void answer(void *socket, zmq_msg_t *peer, enum kind kind, const char *body) {
    zmq_msg_t copy;
    zmq_msg_init(&copy);
    zmq_msg_copy(&copy, peer);
    if (zmq_msg_send(&copy, socket, ZMQ_SNDMORE) < 0) fail("zmq_msg_send");
    send_control(socket, kind, 0, body);
}

static void forward(void *socket, zmq_msg_t *peer, zmq_msg_t *header, zmq_msg_t *body) {
    zmq_msg_t copy;
    zmq_msg_init(&copy);
    zmq_msg_copy(&copy, peer);
    if (zmq_msg_send(&copy, socket, ZMQ_SNDMORE) < 0) {
        // The peer has gone: so does what was meant for it.
        if (zmq_errno() != EHOSTUNREACH) fail("zmq_msg_send");
        zmq_msg_close(&copy);
        return;
    }
    if (zmq_msg_send(header, socket, ZMQ_SNDMORE) < 0) fail("zmq_msg_send");
    if (zmq_msg_send(body, socket, 0) < 0) fail("zmq_msg_send");
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: broker ENDPOINT\n");
        return 2;
    }
    void *context = zmq_ctx_new();
    void *socket = open_socket(context, ZMQ_ROUTER);
    set(socket, ZMQ_ROUTER_MANDATORY, 1);
    if (zmq_bind(socket, argv[1]) != 0) fail("zmq_bind");
    printf("ready\n");
    fflush(stdout);

    zmq_msg_t from, header, body, client, worker;
    zmq_msg_init(&from);
    zmq_msg_init(&header);
    zmq_msg_init(&body);
    zmq_msg_init(&client);
    zmq_msg_init(&worker);
    for (;;) {
        if (zmq_msg_recv(&from, socket, 0) < 0) fail("zmq_msg_recv");
        if (zmq_msg_recv(&header, socket, 0) < 0) fail("zmq_msg_recv");
        if (zmq_msg_recv(&body, socket, 0) < 0) fail("zmq_msg_recv");
        switch (read_header(zmq_msg_data(&header), zmq_msg_size(&header)).kind) {
        case CALL:
            forward(socket, &worker, &header, &body);
            break;
        case REPLY:
            forward(socket, &client, &header, &body);
            break;
        case HELLO:
            answer(socket, &from, WELCOME, "{\"protocol\":1,\"dispatcher\":\"bare\",\"limits\":{}}");
            zmq_msg_copy(is_module(&body) ? &worker : &client, &from);
            break;
        case REGISTER:
            answer(socket, &from, REGISTERED, "{\"epoch\":1}");
            break;
        case PING:
            answer(socket, &from, PONG, "");
            break;
        default:
            break;
        }
    }
}
