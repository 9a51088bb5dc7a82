// Answers each request with the request's own body.

#include "nats.h"

#include <poll.h>

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: nats-worker PORT\n");
        return 2;
    }
    struct nats *nats = join(argv[1], "echo");
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        struct delivery request;
        while (next_delivery(nats, &request)) {
            char head[128];
            int size = snprintf(
                head, sizeof head, "PUB %.*s %zu\r\n", (int)request.reply_size, request.reply, request.body_size
            );
            put(nats, head, (size_t)size);
            put(nats, request.body, request.body_size + 2);
        }
        flush_output(nats);
        // However long nobody asks: the time for reading has an end.
        if (poll(&(struct pollfd){.fd = nats->socket, .events = POLLIN}, 1, -1) < 0) fail("poll");
        receive_more(nats);
    }
}
