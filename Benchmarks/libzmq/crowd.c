// Many modules in one process, and a host that calls the first of them: what a call costs among many who are idle.
//
// Each module is a connection of its own, with ten registrations. Those that are called, and the host, are one thread's; the others are another's, which answers heartbeats.

#include "wire.h"
// After it, for it says what of the C library is wanted.
#include "../samples.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>

enum { ASKED_MAX = 16, SLOT_MAX = 1024, EXPLAIN = 2 };

#define TARGET_OF_CHAIN "callback/benchmark/ask"

static const char *endpoint;
static void *context;
static int module_count, asked_count;
static void **sockets;
static atomic_int ready_count;
static atomic_int is_over;

static void *open_module(int module) {
    void *socket = open_socket(context, ZMQ_DEALER);
    if (zmq_connect(socket, endpoint) != 0) fail("zmq_connect");
    char id[32];
    snprintf(id, sizeof id, "m-%d", module);
    send_hello(socket, id, "module", 0);
    return socket;
}

// Four paths, four methods and two callbacks.
static void register_module(void *socket, int module) {
    // News that nobody tells here: with a thousand modules, each in chains of a thousand.
    static const char *names[] = {"on_new_event", "on_profile_update", "on_user_deactivation_status_changed", "on_add_user_third_party_identifier"};
    char manifest[2048];
    int size = snprintf(manifest, sizeof manifest, "{\"routes\":[");
    for (int route = 0; route < 4; route++) {
        size += snprintf(
            manifest + size, sizeof manifest - (size_t)size, "%s{\"path\":\"/_modules/m-%d/page/%d\",\"methods\":[\"GET\"]}",
            route ? "," : "", module, route
        );
    }
    size += snprintf(
        manifest + size, sizeof manifest - (size_t)size,
        "],\"methods\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"},{\"name\":\"d\"}],\"callbacks\":["
        "{\"category\":\"third_party_rules\",\"name\":\"%s\"},",
        names[module % 4]
    );
    if (module < asked_count) {
        snprintf(
            manifest + size, sizeof manifest - (size_t)size,
            "{\"category\":\"benchmark\",\"name\":\"ask\",\"concurrency\":65535,\"pure\":true}]}"
        );
    } else {
        snprintf(
            manifest + size, sizeof manifest - (size_t)size, "{\"category\":\"account_data\",\"name\":\"on_account_data_updated\"}]}"
        );
    }
    send_control(socket, REGISTER, 0, manifest);
}

// What a module does with a message; its answer to a call is that it has no opinion, so that the next is asked.
static void serve(int module, struct header *header, zmq_msg_t *body) {
    void *socket = sockets[module];
    switch (header->kind) {
    case WELCOME: register_module(socket, module); break;
    case REGISTERED:
        send_control(socket, READY, 0, "");
        ready_count++;
        break;
    case CALL: {
        uint8_t reply[HEADER_SIZE];
        size_t size = write_header(reply, REPLY, CONTINUE, 0, header->call_id, "");
        if (zmq_send(socket, reply, size, ZMQ_SNDMORE) < 0) fail("zmq_send");
        if (zmq_send(socket, "", 0, 0) < 0) fail("zmq_send");
        break;
    }
    case PING: send_control(socket, PONG, header->call_id, ""); break;
    case REFUSED:
    case BYE:
        fprintf(stderr, "m-%d: sent away: %.*s\n", module, (int)zmq_msg_size(body), (char *)zmq_msg_data(body));
        exit(1);
    default: break;
    }
}

static int receive_now(void *socket, struct header *header, zmq_msg_t *body) {
    if (zmq_msg_recv(body, socket, ZMQ_DONTWAIT) < 0) {
        if (zmq_errno() == EAGAIN || zmq_errno() == EINTR) return 0;
        fail("zmq_msg_recv");
    }
    *header = read_header(zmq_msg_data(body), zmq_msg_size(body));
    while (zmq_msg_more(body)) {
        if (zmq_msg_recv(body, socket, 0) < 0) fail("zmq_msg_recv");
    }
    return 1;
}

// The modules that nobody calls: looked at every few milliseconds while they register, and seldom afterwards.
static void *run_crowd(void *unused) {
    (void)unused;
    struct header header;
    zmq_msg_t body;
    zmq_msg_init(&body);
    for (int module = asked_count; module < module_count; module++) sockets[module] = open_module(module);
    while (!is_over) {
        int heard = 0;
        for (int module = asked_count; module < module_count; module++) {
            while (receive_now(sockets[module], &header, &body)) {
                heard++;
                serve(module, &header, &body);
            }
        }
        long pause = ready_count == module_count ? 200000000 : heard ? 0 : 1000000;
        if (pause) nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
    }
    return NULL;
}

static void *host;
static uint64_t call_number;
static uint64_t started[SLOT_MAX];
static int in_flight;
static uint16_t call_flags;
static char body_bytes[BODY_SIZE];

static void call(int slot) {
    uint8_t header[HEADER_SIZE + sizeof TARGET_OF_CHAIN];
    size_t size = write_header(header, CALL, CONTINUE, 10000, call_number++ * SLOT_MAX + (uint64_t)slot, TARGET_OF_CHAIN);
    memcpy(header + 2, &call_flags, 2);
    started[slot] = nanoseconds();
    if (zmq_send(host, header, size, ZMQ_SNDMORE) < 0) fail("zmq_send");
    if (zmq_send(host, body_bytes, sizeof body_bytes, 0) < 0) fail("zmq_send");
}

// Takes what has come to the host; returns whether its table has everybody in it.
static int take_replies(uint64_t from, uint64_t until, struct header *header, zmq_msg_t *body) {
    int is_complete = 0;
    while (receive_now(host, header, body)) {
        switch (header->kind) {
        case WELCOME: send_control(host, READY, 0, ""); break;
        case PING: send_control(host, PONG, header->call_id, ""); break;
        case TABLE: is_complete = memmem(zmq_msg_data(body), zmq_msg_size(body), "\"waiting_for\":[]", 16) != NULL; break;
        case REPLY: {
            uint64_t now = nanoseconds();
            int slot = (int)(header->call_id % SLOT_MAX);
            if (header->status != CONTINUE) {
                fprintf(stderr, "crowd: wrong answer: %.*s\n", (int)zmq_msg_size(body), (char *)zmq_msg_data(body));
                exit(1);
            }
            if (now >= from && now < until) add_sample(started[slot], now);
            if (now < until) call(slot); else in_flight--;
            break;
        }
        default: break;
        }
    }
    return is_complete;
}

// Whether a socket may have something that its file descriptor, which tells of news once, says no more of.
static int has_untold = 1;

static struct pollfd wait_for(void *socket) {
    struct pollfd item = {.events = POLLIN};
    size_t size = sizeof item.fd;
    if (zmq_getsockopt(socket, ZMQ_FD, &item.fd, &size) != 0) fail("zmq_getsockopt");
    return item;
}

// Takes what has come to the host and to those who are called; returns whether the host's table has everybody in it.
//
// It waits as a loop of the platform does, in poll, and looks only at those who have news: zmq_poll asks the system about every socket before
// and after it sleeps, and would make each of ten modules pay for the others, which are processes of their own elsewhere.
static int take(int timeout, uint64_t from, uint64_t until) {
    static struct pollfd items[ASKED_MAX + 1];
    if (items[0].events == 0) {
        items[0] = wait_for(host);
        for (int module = 0; module < asked_count; module++) items[module + 1] = wait_for(sockets[module]);
    }
    if (!has_untold && poll(items, (nfds_t)asked_count + 1, timeout) < 0) {
        if (errno != EINTR) fail("poll");
        return 0;
    }
    struct header header;
    zmq_msg_t body;
    zmq_msg_init(&body);
    for (int module = 0; module < asked_count; module++) {
        if (!has_untold && !items[module + 1].revents) continue;
        // Until there is nothing, so that the next piece of news is told again.
        while (receive_now(sockets[module], &header, &body)) serve(module, &header, &body);
    }
    int is_complete = has_untold || items[0].revents ? take_replies(from, until, &header, &body) : 0;
    has_untold = 0;
    zmq_msg_close(&body);
    return is_complete;
}

// The processor time that a process has taken, in nanoseconds.
static double processor_time(int pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    unsigned long user = 0, system = 0;
    if (!file || fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) {
        fprintf(stderr, "crowd: no process %d\n", pid);
        exit(1);
    }
    fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK) * 1e9;
}

static long resident_kilobytes(int pid) {
    char path[64], line[256];
    long size = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) sscanf(line, "VmRSS: %ld", &size);
    if (file) fclose(file);
    return size;
}

static void measure(int pid, int window, int is_explained, uint64_t warm_up, uint64_t measured) {
    sample_count = 0;
    in_flight = window;
    call_flags = is_explained ? EXPLAIN : 0;
    uint64_t from = nanoseconds() + warm_up, until = from + measured;
    for (int slot = 0; slot < window; slot++) call(slot);
    has_untold = 1;
    double before = 0, after = 0;
    while (in_flight > 0) {
        take(100, from, until);
        uint64_t now = nanoseconds();
        if (before == 0 && now >= from) before = processor_time(pid);
        if (after == 0 && now >= until) after = processor_time(pid);
    }
    if (sample_count == 0) {
        fprintf(stderr, "crowd: nothing ended while it was measured\n");
        exit(1);
    }
    qsort(samples, sample_count, sizeof *samples, ascending);
    printf(
        "{\"modules\":%d,\"steps\":%d,\"in_flight\":%d,\"explained\":%d,\"per_second\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"dispatcher_us\":%.2f}\n",
        module_count, asked_count, window, is_explained, (double)sample_count / ((double)measured / 1e9), samples[sample_count / 2] / 1e3,
        samples[sample_count - 1 - sample_count / 100] / 1e3, (after - before) / 1e3 / (double)sample_count
    );
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: crowd ENDPOINT DISPATCHER_PID MODULES STEPS WARM_UP_MS MEASURED_MS\n");
        return 2;
    }
    endpoint = argv[1];
    int pid = atoi(argv[2]);
    module_count = atoi(argv[3]);
    asked_count = atoi(argv[4]);
    uint64_t warm_up = strtoull(argv[5], NULL, 10) * 1000000, measured = strtoull(argv[6], NULL, 10) * 1000000;
    if (asked_count < 1 || asked_count > ASKED_MAX || asked_count > module_count) return 2;
    struct rlimit limit = {65536, 65536};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    context = zmq_ctx_new();
    // As a module of the platform schedules what moves its messages while the processors are its own.
    if (zmq_ctx_set(context, ZMQ_THREAD_SCHED_POLICY, SCHED_BATCH) != 0) fail("zmq_ctx_set");
    if (zmq_ctx_set(context, ZMQ_MAX_SOCKETS, module_count + 16) != 0) fail("zmq_ctx_set");
    sockets = calloc((size_t)module_count, sizeof *sockets);
    memset(body_bytes, ' ', sizeof body_bytes);
    body_bytes[0] = '{';
    body_bytes[BODY_SIZE - 1] = '}';

    host = open_socket(context, ZMQ_DEALER);
    set(host, ZMQ_RCVHWM, 100000);
    if (zmq_connect(host, endpoint) != 0) fail("zmq_connect");
    send_hello(host, "benchmark", "host", 0);
    long empty = resident_kilobytes(pid);
    uint64_t begin = nanoseconds();
    for (int module = 0; module < asked_count; module++) sockets[module] = open_module(module);
    pthread_t crowd;
    if (pthread_create(&crowd, NULL, run_crowd, NULL) != 0) return 1;
    // After it: a thread of this kind that looks at nearly a thousand sockets would keep the processor to the end.
    if (sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0}) != 0) fail("sched_setscheduler");
    while (!take(100, 0, 0)) {
        if (nanoseconds() - begin < 120000000000u) continue;
        fprintf(stderr, "crowd: %d of %d modules are registered after two minutes\n", ready_count, module_count);
        return 1;
    }
    uint64_t registered = nanoseconds();
    printf(
        "{\"modules\":%d,\"registered_s\":%.3f,\"dispatcher_kb\":%ld,\"dispatcher_kb_before\":%ld}\n", module_count,
        (double)(registered - begin) / 1e9, resident_kilobytes(pid), empty
    );
    fflush(stdout);
    for (int is_explained = 0; is_explained < 2; is_explained++) {
        measure(pid, 1, is_explained, warm_up, measured);
        measure(pid, 64, is_explained, warm_up, measured);
    }
    is_over = 1;
    pthread_join(crowd, NULL);
    return 0;
}
