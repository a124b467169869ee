/* Separable filters: sums along a row and down a column.
 *
 * A value is summed in the order of its taps, wherever in a tile or a group of rows it stands: so it
 * is the same to the last bit however an image is cut. */
#ifndef DDE_FILTERS_H
#define DDE_FILTERS_H

#include "base/vectors.h"
#include "kernels.h"
#include "pictures/pictures.h"

/* As many sums at a time as hide the latency and fit the registers. */
#if VECTOR_BYTES == 64
#define VECTORS_ALONG 5
#define VECTORS_DOWN 3
#else
#define VECTORS_ALONG 10
#define VECTORS_DOWN 2
#endif

static void filter_row(const float *taps, int radius, const float *from, float *to)
{
    _Static_assert(TILE % (VECTORS_ALONG * LANES) == 0, "a tile has no remainder");
    for (ptrdiff_t i = 0; i < TILE; i += VECTORS_ALONG * LANES) {
        vector sums[VECTORS_ALONG] = {{0}};
        for (int k = 0; k <= 2 * radius; k++)
            UNROLL for (int v = 0; v < VECTORS_ALONG; v++)
                sums[v] += taps[k] * load_vector(from + i + k + v * LANES);
        UNROLL for (int v = 0; v < VECTORS_ALONG; v++)
            store_vector(to + i + v * LANES, sums[v]);
    }
}

/* One source row, added to the sums of the rows first to last of the group. */
INLINE void add_source_row(vector sums[ROWS_AT_ONCE][VECTORS_DOWN], const float *taps, int source,
                           const float *row, int first, int last)
{
    UNROLL for (int v = 0; v < VECTORS_DOWN; v++) {
        const vector values = load_vector(row + v * LANES);
        UNROLL for (int to = first; to <= last; to++)
            sums[to][v] += taps[source - to] * values;
    }
}

static void filter_columns(const float *taps, int radius, const float *const *rows,
                           float *const *to)
{
    _Static_assert(TILE % (VECTORS_DOWN * LANES) == 0, "a tile has no remainder");
    const int last = 2 * radius; /* the last tap; the source rows are 0 to last + 3 */
    for (ptrdiff_t i = 0; i < TILE; i += VECTORS_DOWN * LANES) {
        vector sums[ROWS_AT_ONCE][VECTORS_DOWN];
        UNROLL for (int row = 0; row < ROWS_AT_ONCE; row++)
            UNROLL for (int v = 0; v < VECTORS_DOWN; v++)
                sums[row][v] = load_vector(to[row] + i + v * LANES);
        add_source_row(sums, taps, 0, rows[0] + i, 0, 0);
        add_source_row(sums, taps, 1, rows[1] + i, 0, 1);
        add_source_row(sums, taps, 2, rows[2] + i, 0, 2);
        for (int source = 3; source <= last; source++)
            add_source_row(sums, taps, source, rows[source] + i, 0, 3);
        add_source_row(sums, taps, last + 1, rows[last + 1] + i, 1, 3);
        add_source_row(sums, taps, last + 2, rows[last + 2] + i, 2, 3);
        add_source_row(sums, taps, last + 3, rows[last + 3] + i, 3, 3);
        UNROLL for (int row = 0; row < ROWS_AT_ONCE; row++)
            UNROLL for (int v = 0; v < VECTORS_DOWN; v++)
                store_vector(to[row] + i + v * LANES, sums[row][v]);
    }
}

#endif
