/* Prints how many GFLOP/s one thread reaches with nothing but fused multiply-adds in registers. */
#include <stdio.h>
#include <time.h>

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif
typedef float vector __attribute__((vector_size(BYTES)));
enum { CHAINS = 12, STEPS = 1000000, ROUNDS = 20 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(void)
{
    vector sum[CHAINS];
    for (int c = 0; c < CHAINS; c++)
        sum[c] = (vector){} + (float)c;
    volatile float seed = 0.999f;
    const vector x = (vector){} + seed, y = (vector){} + 0.001f;
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        const double start = seconds();
        for (int step = 0; step < STEPS; step++)
#pragma GCC unroll 12
            for (int c = 0; c < CHAINS; c++)
                sum[c] = sum[c] * x + y;
        const double spent = seconds() - start;
        best = spent < best ? spent : best;
    }
    float total = 0;
    for (int c = 0; c < CHAINS; c++)
        total += sum[c][0];
    printf("%g\n", 2e-9 * STEPS * CHAINS * (BYTES / sizeof(float)) / best);
    return total == 1.0f;
}
