// Keeps a number of requests in flight over one connection and says how many were answered, and how fast.

#include "nats.h"
#include "../samples.h"

static char body[BODY_SIZE + 2];
static uint64_t *started;

static void request(struct nats *nats, uint64_t slot) {
    char head[64];
    int size = snprintf(head, sizeof head, "PUB echo in.%06llu %d\r\n", (unsigned long long)slot, BODY_SIZE);
    put(nats, head, (size_t)size);
    put(nats, body, sizeof body);
    started[slot] = nanoseconds();
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: nats-client PORT IN_FLIGHT WARM_UP_MS MEASURED_MS\n");
        return 2;
    }
    uint64_t in_flight = strtoull(argv[2], NULL, 10);
    uint64_t warm_up = strtoull(argv[3], NULL, 10) * 1000000, measured = strtoull(argv[4], NULL, 10) * 1000000;
    started = calloc(in_flight, sizeof *started);
    if (!started || in_flight == 0) return 2;
    memset(body, 'x', BODY_SIZE);
    memcpy(body + BODY_SIZE, "\r\n", 2);

    struct nats *nats = join(argv[1], "in.*");
    uint64_t begin = nanoseconds() + warm_up, end = begin + measured;
    for (uint64_t slot = 0; slot < in_flight; slot++) request(nats, slot);
    flush_output(nats);
    while (nanoseconds() < end) {
        receive_more(nats);
        struct delivery reply;
        while (next_delivery(nats, &reply)) {
            uint64_t slot = strtoull(reply.subject + 3, NULL, 10), now = nanoseconds();
            if (reply.body_size != BODY_SIZE || slot >= in_flight) {
                fprintf(stderr, "nats-client: wrong answer: %.*s\n", (int)reply.body_size, reply.body);
                return 1;
            }
            if (now >= begin) add_sample(started[slot], now);
            request(nats, slot);
        }
        flush_output(nats);
    }
    return print_samples(begin);
}
