/* Windows of an image, projected onto directions: pictures/wasserstein.h says what for. */
#ifndef DDE_PROJECTIONS_H
#define DDE_PROJECTIONS_H

#include "pictures/filters.h"

#if defined(__AVX512F__)
#define VECTORS_OF_WINDOWS 6 /* times DIRECTIONS_AT_ONCE sums fit the registers */
#elif defined(__AVX__)
#define VECTORS_OF_WINDOWS 3
#else
#define VECTORS_OF_WINDOWS 2
#endif

typedef vector projections[DIRECTIONS_AT_ONCE][VECTORS_OF_WINDOWS];

/* Adds the next value of each window, times its weight in each direction. */
INLINE void add_projected(projections sums, const float *weights, const float *from)
{
    vector values[VECTORS_OF_WINDOWS];
    UNROLL for (int v = 0; v < VECTORS_OF_WINDOWS; v++)
        values[v] = load_vector(from + v * LANES);
    UNROLL for (int d = 0; d < DIRECTIONS_AT_ONCE; d++)
        UNROLL for (int v = 0; v < VECTORS_OF_WINDOWS; v++)
            sums[d][v] += weights[d] * values[v];
}

static void project_row(const float *directions, const float *const *rows, ptrdiff_t count,
                        float *const *to)
{
    _Static_assert(WINDOWS_AT_ONCE % (VECTORS_OF_WINDOWS * LANES) == 0, "there is no remainder");
    for (ptrdiff_t i = 0; i < count; i += VECTORS_OF_WINDOWS * LANES) {
        projections sums = {{{0}}};
        const float *weights = directions;
        for (int row = 0; row < 3 * WINDOW; row++)
            for (int x = 0; x < WINDOW; x++, weights += DIRECTIONS_AT_ONCE)
                add_projected(sums, weights, rows[row] + i + x);
        UNROLL for (int d = 0; d < DIRECTIONS_AT_ONCE; d++)
            UNROLL for (int v = 0; v < VECTORS_OF_WINDOWS; v++)
                store_vector(to[d] + i + v * LANES, sums[d][v]);
    }
}

static void add_weighted(ptrdiff_t count, float weight, const float *values, float *sums)
{
    _Pragma("omp simd")
    for (ptrdiff_t i = 0; i < count; i++)
        sums[i] += weight * values[i];
}

#endif
