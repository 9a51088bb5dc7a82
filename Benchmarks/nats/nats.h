// NATS's protocol over a connection of one's own, as far as a benchmark needs it: requests and replies of one size.

#ifndef NATS_H
#define NATS_H

// memmem
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { BODY_SIZE = 256, INPUT_SIZE = 1 << 20, OUTPUT_SIZE = 1 << 20 };

struct nats {
    int socket;
    char input[INPUT_SIZE];
    // What has been received, and what of that has been read.
    size_t received, read;
    // What leaves when everything that has come was dealt with.
    char output[OUTPUT_SIZE];
    size_t written;
};

// A message that came for a subscription.
struct delivery {
    const char *subject, *reply, *body;
    size_t subject_size, reply_size, body_size;
};

static inline void fail(const char *what) {
    fprintf(stderr, "nats: %s: %s\n", what, strerror(errno));
    exit(1);
}

static inline void flush_output(struct nats *nats) {
    for (size_t sent = 0; sent < nats->written;) {
        ssize_t count = write(nats->socket, nats->output + sent, nats->written - sent);
        if (count < 0) fail("write");
        sent += (size_t)count;
    }
    nats->written = 0;
}

static inline void put(struct nats *nats, const char *bytes, size_t size) {
    if (nats->written + size > OUTPUT_SIZE) flush_output(nats);
    memcpy(nats->output + nats->written, bytes, size);
    nats->written += size;
}

static inline void put_text(struct nats *nats, const char *text) {
    put(nats, text, strlen(text));
}

// Moves what has not been read to the front, and receives more behind it.
static inline void receive_more(struct nats *nats) {
    memmove(nats->input, nats->input + nats->read, nats->received - nats->read);
    nats->received -= nats->read;
    nats->read = 0;
    ssize_t count = read(nats->socket, nats->input + nats->received, INPUT_SIZE - nats->received);
    if (count <= 0) fail("nothing comes");
    nats->received += (size_t)count;
}

// The end of a line that begins where reading stopped; NULL while it is not there.
static inline char *line_end(struct nats *nats) {
    return memmem(nats->input + nats->read, nats->received - nats->read, "\r\n", 2);
}

// `MSG subject sid [reply] size`, and the bytes behind it; returns 0 while they are not all there.
static inline int read_delivery(struct nats *nats, char *end, struct delivery *delivery) {
    char *words[5];
    size_t sizes[5], count = 0;
    for (char *word = nats->input + nats->read; word < end && count < 5;) {
        char *space = memchr(word, ' ', (size_t)(end - word));
        if (!space) space = end;
        words[count] = word;
        sizes[count++] = (size_t)(space - word);
        word = space + 1;
    }
    if (count < 4) fail("a MSG that cannot be read");
    *delivery = (struct delivery){.subject = words[1], .subject_size = sizes[1], .body = end + 2};
    if (count == 5) {
        delivery->reply = words[3];
        delivery->reply_size = sizes[3];
    }
    delivery->body_size = strtoull(words[count - 1], NULL, 10);
    size_t whole = (size_t)(delivery->body - nats->input) + delivery->body_size + 2;
    if (whole > nats->received) return 0;
    nats->read = whole;
    return 1;
}

// The next message that has come; returns 0 when there is none, having answered what the server asked.
static inline int next_delivery(struct nats *nats, struct delivery *delivery) {
    for (;;) {
        char *begin = nats->input + nats->read, *end = line_end(nats);
        if (!end) return 0;
        size_t size = (size_t)(end - begin);
        if (size > 4 && memcmp(begin, "MSG ", 4) == 0) return read_delivery(nats, end, delivery);
        if (size >= 4 && memcmp(begin, "-ERR", 4) == 0) {
            fprintf(stderr, "nats: %.*s\n", (int)size, begin);
            exit(1);
        }
        if (size == 4 && memcmp(begin, "PING", 4) == 0) put_text(nats, "PONG\r\n");
        nats->read += size + 2;
    }
}

// Waits for the answer to a PING: everything that was sent before it has been dealt with.
static inline void settle(struct nats *nats) {
    put_text(nats, "PING\r\n");
    flush_output(nats);
    for (;;) {
        char *end = line_end(nats);
        if (!end) {
            receive_more(nats);
            continue;
        }
        char *begin = nats->input + nats->read;
        nats->read = (size_t)(end + 2 - nats->input);
        if (end - begin == 4 && memcmp(begin, "PONG", 4) == 0) return;
        if (end - begin >= 4 && memcmp(begin, "-ERR", 4) == 0) fail("the server answers an error");
    }
}

// Connects to a server on this machine and subscribes.
static inline struct nats *join(const char *port, const char *subject) {
    struct nats *nats = calloc(1, sizeof *nats);
    if (!nats) fail("calloc");
    nats->socket = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (nats->socket < 0 || connect(nats->socket, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    int on = 1;
    struct timeval patience = {.tv_sec = 5};
    if (setsockopt(nats->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("setsockopt");
    if (setsockopt(nats->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) fail("setsockopt");
    put_text(nats, "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"c\",\"version\":\"1\",\"protocol\":1}\r\nSUB ");
    put_text(nats, subject);
    put_text(nats, " 1\r\n");
    settle(nats);
    return nats;
}

#endif
