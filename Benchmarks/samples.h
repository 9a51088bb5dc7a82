// How long each of many calls took, and what a program that measures prints of that.

#ifndef SAMPLES_H
#define SAMPLES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SAMPLES_MAX = 1 << 24 };

// Memory that is never touched costs nothing.
static uint32_t samples[SAMPLES_MAX];
static size_t sample_count;
static uint64_t last_sample;

static inline uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void add_sample(uint64_t started, uint64_t ended) {
    if (sample_count == SAMPLES_MAX) return;
    samples[sample_count++] = (uint32_t)(ended - started);
    last_sample = ended;
}

static inline int ascending(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

// Returns the status to exit with.
static inline int print_samples(uint64_t begin) {
    if (sample_count == 0) {
        fprintf(stderr, "nothing ended while it was measured\n");
        return 1;
    }
    qsort(samples, sample_count, sizeof *samples, ascending);
    printf(
        "{\"calls\":%zu,\"seconds\":%.6f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n", sample_count,
        (double)(last_sample - begin) / 1e9, samples[sample_count / 2] / 1e3,
        samples[sample_count - 1 - sample_count / 100] / 1e3
    );
    return 0;
}

#endif
