// Prints the version of libzmq that the benchmarks run on.

#include <stdio.h>
#include <zmq.h>

int main(void) {
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    printf("%d.%d.%d\n", major, minor, patch);
    return 0;
}
