/* The widest vectors of this instruction set, for code that the compiler would not turn into
 * vectors by itself; and their roots. */
#ifndef DDE_VECTOR_H
#define DDE_VECTOR_H

#include "base/real.h"

#if defined(__SSE__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
typedef real_bits vector_bits __attribute__((vector_size(VECTOR_BYTES)));

#define LANES ((int)(VECTOR_BYTES / sizeof(real)))

/* The processor's own guess of 1 / sqrt(x): right to 11 bits, or to all of them where it has none. */
INLINE vector guess_reciprocal_root(vector x)
{
#if defined(__AVX512F__) && !defined(DDE_DOUBLE)
    return (vector)_mm512_rsqrt14_ps((__m512)x);
#elif defined(__AVX__) && !defined(DDE_DOUBLE)
    return (vector)_mm256_rsqrt_ps((__m256)x);
#elif defined(__SSE__) && !defined(DDE_DOUBLE)
    return (vector)_mm_rsqrt_ps((__m128)x);
#else
    for (int lane = 0; lane < LANES; lane++)
        x[lane] = 1 / square_root(x[lane]);
    return x;
#endif
}

/* sqrt(x), for x a normal number above 0: the guess, and one step of Newton's method, which leaves an
 * error of two units in the last place in a third of the time of a root. */
INLINE vector fast_root(vector x)
{
    const vector guess = guess_reciprocal_root(x), root = x * guess;
    return root + R(0.5) * root * (1 - root * guess);
}

#endif
