// A host that keeps a number of calls in flight and says how many were answered, and how fast; as `packs` it reads and sends packs.

#include "../samples.h"
#include "wire.h"

static uint64_t call_number;
static uint64_t *started;
static uint64_t in_flight;
static int packs;
static struct pack calls;
// What a call that was answered is timed from.
static uint64_t begin;

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
    if (packs) {
        add_letter(socket, &calls, header, size, body_bytes, sizeof body_bytes);
        return;
    }
    if (zmq_send(socket, header, size, ZMQ_SNDMORE) < 0) fail("zmq_send");
    if (zmq_send(socket, body_bytes, sizeof body_bytes, 0) < 0) fail("zmq_send");
}

// What became of the replies that a message had.
static int count_of_replies;
static enum status last_status;

static void take_reply(void *socket, struct header header, const void *body, size_t size, int goes_on) {
    count_of_replies++;
    last_status = header.status;
    if (!goes_on) return;
    uint64_t slot = header.call_id % in_flight, now = nanoseconds();
    if (header.status != ANSWER || size != BODY_SIZE) {
        fprintf(stderr, "client: wrong answer: %.*s\n", (int)size, (const char *)body);
        exit(1);
    }
    if (now >= begin) add_sample(started[slot], now);
    call(socket, slot);
}

// Waits for replies; calls again for each of them if that `goes_on`.
static void take_replies(void *socket, zmq_msg_t *body, int goes_on) {
    struct header header;
    for (count_of_replies = 0; count_of_replies == 0;) {
        if (!receive(socket, &header, body)) {
            fprintf(stderr, "client: no reply within the time\n");
            exit(1);
        }
        if (header.kind == PING) send_control(socket, PONG, header.call_id, "");
        if (header.kind == REPLY) take_reply(socket, header, zmq_msg_data(body), zmq_msg_size(body), goes_on);
        if (header.kind != PACK) continue;
        struct letter letter;
        for (size_t offset = 0; next_letter(zmq_msg_data(body), zmq_msg_size(body), &offset, &letter);) {
            if (letter.header.kind == REPLY) take_reply(socket, letter.header, letter.body, letter.body_size, goes_on);
        }
    }
    send_pack(socket, &calls);
}

// The worker may be ready a moment before the broker knows.
static void wait_for_worker(void *socket, zmq_msg_t *body) {
    for (int attempt = 0; attempt < 500; attempt++) {
        call(socket, 0);
        send_pack(socket, &calls);
        take_replies(socket, body, 0);
        if (last_status == ANSWER) return;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    fprintf(stderr, "client: no answer: %.*s\n", (int)zmq_msg_size(body), (char *)zmq_msg_data(body));
    exit(1);
}

int main(int argc, char **argv) {
    packs = argc == 6 && strcmp(argv[1], "packs") == 0;
    if (argc != 5 && !packs) {
        fprintf(stderr, "usage: client [packs] ENDPOINT IN_FLIGHT WARM_UP_MS MEASURED_MS\n");
        return 2;
    }
    argv += packs;
    in_flight = strtoull(argv[2], NULL, 10);
    uint64_t warm_up = strtoull(argv[3], NULL, 10) * 1000000, measured = strtoull(argv[4], NULL, 10) * 1000000;
    started = calloc(in_flight, sizeof *started);
    if (!started || in_flight == 0) return 2;
    make_body();

    void *socket = join(zmq_ctx_new(), argv[1], "benchmark", "host", packs ? PACKS : 0);
    set(socket, ZMQ_RCVTIMEO, 5000);
    send_control(socket, READY, 0, "");
    zmq_msg_t body;
    zmq_msg_init(&body);
    wait_for_worker(socket, &body);

    begin = nanoseconds() + warm_up;
    for (uint64_t slot = 0; slot < in_flight; slot++) call(socket, slot);
    send_pack(socket, &calls);
    while (nanoseconds() < begin + measured) take_replies(socket, &body, 1);
    return print_samples(begin);
}
