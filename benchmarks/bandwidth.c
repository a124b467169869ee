/* Prints how many GB/s one thread reads and writes: the triad of STREAM, on three arrays that have
   together as many bytes as are asked for. As STREAM does, it leaves out what a processor reads
   unasked of the lines that it writes. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float *array(size_t n)
{
    float *values = aligned_alloc(64, n * sizeof(float));
    if (!values)
        exit(1);
    for (size_t i = 0; i < n; i++)
        values[i] = 1.0f;
    return values;
}

int main(int count, char **arguments)
{
    enum { LANES = 16, ROUNDS = 20, LEAST = 1 << 28 };
    if (count != 2)
        return 2;
    const size_t n = strtoull(arguments[1], NULL, 10) / (3 * sizeof(float)) / LANES * LANES;
    float *restrict a = array(n), *restrict b = array(n), *restrict c = array(n);
    const size_t bytes = 3 * n * sizeof(float), passes = 1 + LEAST / bytes;
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        const double start = seconds();
        for (size_t pass = 0; pass < passes; pass++) {
            for (size_t i = 0; i < n; i++)
                a[i] = b[i] + 0.5f * c[i];
            __asm__ volatile("" ::"r"(a), "r"(b), "r"(c) : "memory");
        }
        const double spent = (seconds() - start) / (double)passes;
        best = spent < best ? spent : best;
    }
    printf("%g\n", 1e-9 * (double)bytes / best);
    return 0;
}
