// A module that answers each call with the call's own body.

#include "wire.h"

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: worker ENDPOINT\n");
        return 2;
    }
    void *socket = join(zmq_ctx_new(), argv[1], "echo", "module");
    send_control(
        socket, REGISTER, 0,
        "{\"callbacks\":[{\"category\":\"benchmark\",\"name\":\"echo\",\"concurrency\":65535,\"pure\":false}]}"
    );

    struct header header;
    zmq_msg_t body;
    zmq_msg_init(&body);
    for (;;) {
        if (!receive(socket, &header, &body)) continue;
        switch (header.kind) {
        case CALL: {
            uint8_t reply[HEADER_SIZE];
            size_t size = write_header(reply, REPLY, ANSWER, 0, header.call_id, "");
            if (zmq_send(socket, reply, size, ZMQ_SNDMORE) < 0) fail("zmq_send");
            if (zmq_msg_send(&body, socket, 0) < 0) fail("zmq_msg_send");
            break;
        }
        case REGISTERED:
            send_control(socket, READY, 0, "");
            printf("ready\n");
            fflush(stdout);
            break;
        case PING:
            send_control(socket, PONG, header.call_id, "");
            break;
        case REFUSED:
        case BYE:
            fprintf(stderr, "worker: sent away: %.*s\n", (int)zmq_msg_size(&body), (char *)zmq_msg_data(&body));
            return 1;
        default:
            break;
        }
    }
}
