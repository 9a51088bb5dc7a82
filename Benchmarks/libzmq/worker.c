// A module that answers each call with the call's own body; as `packs` it reads and sends packs.

#include "wire.h"

static struct pack replies;

static void answer_all(void *socket, zmq_msg_t *calls) {
    struct letter letter;
    for (size_t offset = 0; next_letter(zmq_msg_data(calls), zmq_msg_size(calls), &offset, &letter);) {
        uint8_t reply[HEADER_SIZE];
        if (letter.header.kind != CALL) continue;
        size_t size = write_header(reply, REPLY, ANSWER, 0, letter.header.call_id, "");
        add_letter(socket, &replies, reply, size, letter.body, letter.body_size);
    }
    send_pack(socket, &replies);
}

int main(int argc, char **argv) {
    int packs = argc == 3 && strcmp(argv[1], "packs") == 0;
    if (argc != 2 && !packs) {
        fprintf(stderr, "usage: worker [packs] ENDPOINT\n");
        return 2;
    }
    void *socket = join(zmq_ctx_new(), argv[argc - 1], "echo", "module", packs ? PACKS : 0);
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
        case PACK:
            answer_all(socket, &body);
            break;
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
