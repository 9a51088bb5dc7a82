// A host that keeps a number of calls in flight and says how many were answered, and how fast.

#include "../samples.h"
#include "wire.h"

static uint64_t call_number;
static uint64_t *started;
static uint64_t in_flight;

static char body_bytes[BODY_SIZE];

static void make_body(void) {
    int prefix = snprintf(body_bytes, sizeof body_bytes, "{\"payload\":\"");
    memset(body_bytes + prefix, 'x', sizeof body_bytes - (size_t)prefix);
    memcpy(body_bytes + sizeof body_bytes - 2, "\"}", 2);
}

// The id says which of the calls in flight it is, so that a reply finds when its call was sent.
static void call(void *socket, uint64_t slot) {
    uint8_t header[HEADER_SIZE + sizeof TARGET];
    uint64_t id = call_number++ * in_flight + slot;
    size_t size = write_header(header, CALL, CONTINUE, 10000, id, TARGET);
    started[slot] = nanoseconds();
    if (zmq_send(socket, header, size, ZMQ_SNDMORE) < 0) fail("zmq_send");
    if (zmq_send(socket, body_bytes, sizeof body_bytes, 0) < 0) fail("zmq_send");
}

// Waits for one reply; returns the slot of its call.
static uint64_t answered(void *socket, zmq_msg_t *body, enum status *status) {
    struct header header;
    for (;;) {
        if (!receive(socket, &header, body)) {
            fprintf(stderr, "client: no reply within the time\n");
            exit(1);
        }
        if (header.kind == PING) send_control(socket, PONG, header.call_id, "");
        if (header.kind == REPLY) break;
    }
    *status = header.status;
    return header.call_id % in_flight;
}

// The worker may be ready a moment before the broker knows.
static void wait_for_worker(void *socket, zmq_msg_t *body) {
    enum status status = CONTINUE;
    for (int attempt = 0; attempt < 500; attempt++) {
        call(socket, 0);
        answered(socket, body, &status);
        if (status == ANSWER) return;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    fprintf(stderr, "client: no answer: %.*s\n", (int)zmq_msg_size(body), (char *)zmq_msg_data(body));
    exit(1);
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: client ENDPOINT IN_FLIGHT WARM_UP_MS MEASURED_MS\n");
        return 2;
    }
    in_flight = strtoull(argv[2], NULL, 10);
    uint64_t warm_up = strtoull(argv[3], NULL, 10) * 1000000, measured = strtoull(argv[4], NULL, 10) * 1000000;
    started = calloc(in_flight, sizeof *started);
    if (!started || in_flight == 0) return 2;
    make_body();

    void *socket = join(zmq_ctx_new(), argv[1], "benchmark", "host");
    set(socket, ZMQ_RCVTIMEO, 5000);
    send_control(socket, READY, 0, "");
    zmq_msg_t body;
    zmq_msg_init(&body);
    wait_for_worker(socket, &body);

    for (uint64_t slot = 0; slot < in_flight; slot++) call(socket, slot);
    uint64_t begin = nanoseconds() + warm_up, end = begin + measured, now = 0;
    while (now < end) {
        enum status status;
        uint64_t slot = answered(socket, &body, &status);
        now = nanoseconds();
        if (status != ANSWER || zmq_msg_size(&body) != BODY_SIZE) {
            fprintf(stderr, "client: wrong answer: %.*s\n", (int)zmq_msg_size(&body), (char *)zmq_msg_data(&body));
            return 1;
        }
        if (now >= begin) add_sample(started[slot], now);
        call(socket, slot);
    }
    return print_samples(begin);
}
