// The Ganglion wire as far as a benchmark needs it (docs/wire-protocol.md), on bare libzmq.

#ifndef WIRE_H
#define WIRE_H

// memmem
#define _GNU_SOURCE

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { HEADER_SIZE = 24, BODY_SIZE = 256 };

enum kind {
    HELLO = 1,
    WELCOME = 2,
    REGISTER = 3,
    REGISTERED = 4,
    REFUSED = 5,
    READY = 6,
    CALL = 16,
    REPLY = 17,
    PACK = 21,
    PING = 32,
    PONG = 33,
    BYE = 49,
    TABLE = 64,
};

// Bits 8 and 9 of a reply's flags.
enum status { CONTINUE = 0, ANSWER = 1 };

// The flag of a HELLO that asks for packs, and of a WELCOME that grants them.
enum { PACKS = 4 };

#define TARGET "callback/benchmark/echo"

static inline void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static inline void set(void *socket, int option, int value) {
    if (zmq_setsockopt(socket, option, &value, sizeof value) != 0) fail("zmq_setsockopt");
}

// The options that Ganglion's sockets have, so that only the program above them differs.
static inline void *open_socket(void *context, int type) {
    void *socket = zmq_socket(context, type);
    if (!socket) fail("zmq_socket");
    set(socket, ZMQ_SNDHWM, 10000);
    set(socket, ZMQ_RCVHWM, 10000);
    set(socket, ZMQ_IMMEDIATE, 1);
    set(socket, ZMQ_LINGER, 500);
    set(socket, ZMQ_HEARTBEAT_IVL, 5000);
    set(socket, ZMQ_HEARTBEAT_TIMEOUT, 15000);
    set(socket, ZMQ_HEARTBEAT_TTL, 15000);
    int64_t size_max = (16 << 20) + 4096;
    if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &size_max, sizeof size_max) != 0) fail("zmq_setsockopt");
    return socket;
}

// Little endian, as every machine that this runs on.
static inline size_t write_header(
    uint8_t *out, enum kind kind, enum status status, uint32_t budget_ms, uint64_t call_id, const char *target
) {
    uint64_t epoch = 0;
    uint16_t flags = (uint16_t)(status << 8);
    size_t target_size = strlen(target);
    out[0] = 1;
    out[1] = (uint8_t)kind;
    memcpy(out + 2, &flags, 2);
    memcpy(out + 4, &budget_ms, 4);
    memcpy(out + 8, &call_id, 8);
    memcpy(out + 16, &epoch, 8);
    memcpy(out + HEADER_SIZE, target, target_size);
    return HEADER_SIZE + target_size;
}

// A header of a message on its way in; `kind` is 0 for what is none.
struct header {
    int kind;
    int has_metadata;
    enum status status;
    uint64_t call_id;
};

static inline struct header read_header(const uint8_t *bytes, size_t size) {
    struct header header = {0};
    if (size < HEADER_SIZE || bytes[0] != 1) return header;
    uint16_t flags;
    memcpy(&flags, bytes + 2, 2);
    header.kind = bytes[1];
    header.has_metadata = flags & 1;
    header.status = (enum status)(flags >> 8 & 3);
    memcpy(&header.call_id, bytes + 8, 8);
    return header;
}

static inline void send_control(void *socket, enum kind kind, uint64_t call_id, const char *body) {
    uint8_t header[HEADER_SIZE];
    size_t size = write_header(header, kind, CONTINUE, 0, call_id, "");
    if (zmq_send(socket, header, size, ZMQ_SNDMORE) < 0) fail("zmq_send");
    if (zmq_send(socket, body, strlen(body), 0) < 0) fail("zmq_send");
}

// Receives a message's header and body; a metadata frame between them is dropped.
//
// Returns 0 when nothing came within the socket's ZMQ_RCVTIMEO.
static inline int receive(void *socket, struct header *header, zmq_msg_t *body) {
    if (zmq_msg_recv(body, socket, 0) < 0) {
        if (zmq_errno() == EAGAIN || zmq_errno() == EINTR) return 0;
        fail("zmq_msg_recv");
    }
    *header = read_header(zmq_msg_data(body), zmq_msg_size(body));
    while (zmq_msg_more(body)) {
        if (zmq_msg_recv(body, socket, 0) < 0) fail("zmq_msg_recv");
    }
    return 1;
}

// Messages that travel together (§2.4).
enum { PACK_SIZE_MAX = 16384, LETTER_PREFIX_SIZE = 12 };

struct pack {
    uint8_t bytes[PACK_SIZE_MAX];
    size_t size;
};

static inline void send_pack(void *socket, struct pack *pack) {
    uint8_t header[HEADER_SIZE];
    if (pack->size == 0) return;
    size_t size = write_header(header, PACK, CONTINUE, 0, 0, "");
    if (zmq_send(socket, header, size, ZMQ_SNDMORE) < 0) fail("zmq_send");
    if (zmq_send(socket, pack->bytes, pack->size, 0) < 0) fail("zmq_send");
    pack->size = 0;
}

// Puts a message without metadata into a pack, which is sent first when it is full.
static inline void add_letter(
    void *socket, struct pack *pack, const uint8_t *header, size_t header_size, const void *body, size_t body_size
) {
    size_t size = LETTER_PREFIX_SIZE + header_size + body_size;
    if (pack->size + size > PACK_SIZE_MAX) send_pack(socket, pack);
    uint32_t sizes[3] = {(uint32_t)header_size, 0, (uint32_t)body_size};
    uint8_t *out = pack->bytes + pack->size;
    memcpy(out, sizes, LETTER_PREFIX_SIZE);
    memcpy(out + LETTER_PREFIX_SIZE, header, header_size);
    memcpy(out + LETTER_PREFIX_SIZE + header_size, body, body_size);
    pack->size += size;
}

// A message of a pack.
struct letter {
    struct header header;
    const uint8_t *body;
    size_t body_size;
};

// Takes the next message out of a pack; returns 0 at its end.
static inline int next_letter(const uint8_t *bytes, size_t size, size_t *offset, struct letter *letter) {
    uint32_t sizes[3];
    if (size - *offset < LETTER_PREFIX_SIZE) return 0;
    memcpy(sizes, bytes + *offset, LETTER_PREFIX_SIZE);
    const uint8_t *header = bytes + *offset + LETTER_PREFIX_SIZE;
    size_t end = *offset + LETTER_PREFIX_SIZE + (size_t)sizes[0] + sizes[1] + sizes[2];
    if (end > size) return 0;
    letter->header = read_header(header, sizes[0]);
    letter->body = header + sizes[0] + sizes[1];
    letter->body_size = sizes[2];
    *offset = end;
    return 1;
}

static inline void send_hello(void *socket, const char *id, const char *role, uint8_t flags) {
    char hello[256];
    snprintf(
        hello, sizeof hello,
        "{\"id\":\"%s\",\"role\":\"%s\",\"version\":\"1.0.0\",\"incarnation\":\"%ld\","
        "\"protocol\":{\"min\":1,\"max\":1},\"heartbeat_ms\":1000}",
        id, role, (long)getpid()
    );
    uint8_t header[HEADER_SIZE];
    size_t size = write_header(header, HELLO, CONTINUE, 0, 0, "");
    header[2] = flags;
    if (zmq_send(socket, header, size, ZMQ_SNDMORE) < 0) fail("zmq_send");
    if (zmq_send(socket, hello, strlen(hello), 0) < 0) fail("zmq_send");
}

// Connects and says hello; returns once the other side has welcomed us.
static inline void *join(
    void *context, const char *endpoint, const char *id, const char *role, uint8_t flags
) {
    void *socket = open_socket(context, ZMQ_DEALER);
    if (zmq_connect(socket, endpoint) != 0) fail("zmq_connect");
    send_hello(socket, id, role, flags);
    struct header header;
    zmq_msg_t body;
    zmq_msg_init(&body);
    if (!receive(socket, &header, &body) || header.kind != WELCOME) {
        fprintf(stderr, "%s: not welcome: %.*s\n", id, (int)zmq_msg_size(&body), (char *)zmq_msg_data(&body));
        exit(1);
    }
    zmq_msg_close(&body);
    return socket;
}

#endif
