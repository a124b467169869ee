/* What a comparison may see around a pixel, as the kernels of one instruction set offer it.
 *
 * Only in float: maps are float. A row of a tile is TILE values of one channel. */
#ifndef DDE_PICTURES_H
#define DDE_PICTURES_H

#include <stddef.h>

/* Differences between two tiles of more channels than Lab has; their parameters are doubles. The
 * channels are what a bank of filters makes of a neighbourhood. */
#define DDE_PICTURE_DIFFERENCES(X) \
    X(flip, 19) /* YC_xC_z to linear RGB [9], that to relative XYZ [9], the largest HyAB */

/* Rows that are summed down a column at the same time, so that each is loaded once for all. */
#define ROWS_AT_ONCE 4

enum { DDE_MOST_CHANNELS = 7, DDE_MOST_LINES = 8, DDE_MOST_SUMS = 8, DDE_MOST_RADIUS = 512 };

/* to[i] = sum over k of taps[k] from[i + k], for TILE values; taps are 2 radius + 1. */
typedef void (*dde_row_filter)(const float *taps, int radius, const float *from, float *to);
/* Adds to each of ROWS_AT_ONCE rows the sum over k of taps[k] rows[row + k]; the radius is at least
 * LEAST_RADIUS_DOWN. */
#define LEAST_RADIUS_DOWN 2
typedef void (*dde_column_filter)(const float *taps, int radius, const float *const *rows,
                                  float *const *to);
/* Keeps the smaller (or the larger) of each two values; a NaN is passed over. */
typedef void (*dde_selection)(ptrdiff_t count, const float *values, float *kept);
/* kept = max(0, larger of least1 and least2 - slack gradient); NaN where one of them is infinite,
 * since no neighbour could be compared. */
typedef void (*dde_tolerance)(ptrdiff_t count, const float *least1, const float *least2,
                              const float *gradient, float slack, float *kept);

/* Windows of so many rows and columns; directions that they are projected onto at the same time; and
 * how many windows of a row are, so that their number is rounded up. */
enum { WINDOW = 11, DIRECTIONS_AT_ONCE = 4, WINDOWS_AT_ONCE = 96 };
/* to[d][i] = sum over row n, column x of directions[n][x][d] rows[n][i + x], for `count` windows: of 3
 * channels, WINDOW rows each. What lies beyond their end is read, and written, as well. */
typedef void (*dde_projection)(const float *directions, const float *const *rows, ptrdiff_t count,
                               float *const *to);
/* sums += weight values */
typedef void (*dde_weighted_sum)(ptrdiff_t count, float weight, const float *values, float *sums);

typedef struct {
    dde_row_filter filter_row;
    dde_column_filter filter_columns;
    dde_selection keep_least, keep_largest;
    dde_tolerance tolerate;
    dde_projection project_row;
    dde_weighted_sum add_weighted;
} dde_picture_kernels;

#endif
