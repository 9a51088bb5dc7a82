// Connections to redis, each with a number of GETs in flight: how many were answered, and how fast.
//
// With one in flight on each it is what most clients do; with more it is what redis calls pipelining.

#include "../samples.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { VALUE_SIZE = 256, CONNECTIONS_MAX = 1024, IN_FLIGHT_MAX = 1024 };

#define KEY "shared"
#define GET "*2\r\n$3\r\nGET\r\n$6\r\n" KEY "\r\n"

// `$256`, the value and two ends of line.
enum { REPLY_SIZE = 6 + VALUE_SIZE + 2, GET_SIZE = sizeof GET - 1 };

struct connection {
    // When the calls were sent, as a ring: replies come in the order of the calls.
    uint64_t started[IN_FLIGHT_MAX];
    size_t first;
    // Of the next reply.
    size_t bytes_read;
};

static struct connection connections[CONNECTIONS_MAX];
static struct pollfd sockets[CONNECTIONS_MAX];
static char buffer[IN_FLIGHT_MAX * REPLY_SIZE];
static char requests[IN_FLIGHT_MAX * GET_SIZE];
static size_t in_flight;

static void fail(const char *what) {
    fprintf(stderr, "redis-client: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void write_all(int socket, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = write(socket, bytes, size);
        if (count < 0) fail("write");
        bytes += count;
        size -= (size_t)count;
    }
}

static size_t read_some(int socket, char *bytes, size_t size) {
    ssize_t count = read(socket, bytes, size);
    if (count <= 0) fail("read");
    return (size_t)count;
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, "redis-client: the path of the socket is too long: %s\n", path);
        exit(2);
    }
    strcpy(address.sun_path, path);
    int end = socket(AF_UNIX, SOCK_STREAM, 0);
    if (end < 0 || connect(end, (struct sockaddr *)&address, sizeof address) != 0) fail(path);
    struct timeval patience = {.tv_sec = 5};
    if (setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) fail("setsockopt");
    return end;
}

static void put_value(int socket) {
    static const char head[] = "*3\r\n$3\r\nSET\r\n$6\r\n" KEY "\r\n$256\r\n", expected[] = "+OK\r\n";
    char value[VALUE_SIZE + 2], reply[sizeof expected - 1];
    memset(value, 'x', VALUE_SIZE);
    memcpy(value + VALUE_SIZE, "\r\n", 2);
    write_all(socket, head, sizeof head - 1);
    write_all(socket, value, sizeof value);
    for (size_t size = 0; size < sizeof reply;) size += read_some(socket, reply + size, sizeof reply - size);
    if (memcmp(reply, expected, sizeof reply) != 0) {
        fprintf(stderr, "redis-client: redis does not take a value: %.*s\n", (int)sizeof reply, reply);
        exit(1);
    }
}

// Replies that have arrived are counted, and each makes room for another call.
static void serve(int socket, struct connection *connection, uint64_t begin) {
    size_t size = read_some(socket, buffer, sizeof buffer);
    if (connection->bytes_read == 0 && memcmp(buffer, "$256", size < 4 ? size : 4) != 0) {
        fprintf(stderr, "redis-client: wrong answer: %.*s\n", (int)size, buffer);
        exit(1);
    }
    connection->bytes_read += size;
    size_t count = connection->bytes_read / REPLY_SIZE;
    connection->bytes_read %= REPLY_SIZE;
    uint64_t now = nanoseconds();
    for (size_t i = 0; i < count; i++) {
        uint64_t *started = &connection->started[connection->first];
        if (now >= begin) add_sample(*started, now);
        *started = now;
        connection->first = (connection->first + 1) % in_flight;
    }
    write_all(socket, requests, count * GET_SIZE);
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: redis-client SOCKET CONNECTIONS IN_FLIGHT_ON_EACH WARM_UP_MS MEASURED_MS\n");
        return 2;
    }
    size_t count = strtoull(argv[2], NULL, 10);
    in_flight = strtoull(argv[3], NULL, 10);
    uint64_t warm_up = strtoull(argv[4], NULL, 10) * 1000000, measured = strtoull(argv[5], NULL, 10) * 1000000;
    if (count < 1 || count > CONNECTIONS_MAX || in_flight < 1 || in_flight > IN_FLIGHT_MAX) return 2;
    for (size_t i = 0; i < IN_FLIGHT_MAX; i++) memcpy(requests + i * GET_SIZE, GET, GET_SIZE);

    for (size_t i = 0; i < count; i++) sockets[i] = (struct pollfd){.fd = connect_to(argv[1]), .events = POLLIN};
    put_value(sockets[0].fd);
    uint64_t now = nanoseconds(), begin = now + warm_up, end = begin + measured;
    for (size_t i = 0; i < count; i++) {
        for (size_t slot = 0; slot < in_flight; slot++) connections[i].started[slot] = now;
        write_all(sockets[i].fd, requests, in_flight * GET_SIZE);
    }
    while (nanoseconds() < end) {
        if (poll(sockets, count, 5000) < 1) fail("no reply within 5 seconds");
        for (size_t i = 0; i < count; i++) {
            if (sockets[i].revents) serve(sockets[i].fd, &connections[i], begin);
        }
    }
    return print_samples(begin);
}
