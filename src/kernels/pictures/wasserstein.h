/* Distances between the distributions of colours in two images, one direction at a time:
 *     windows of 11 x 11 pixels -> projected onto a direction -> sorted -> compared
 * and what comes first: an image that is made smaller while it is read. */
#ifndef DDE_WASSERSTEIN_H
#define DDE_WASSERSTEIN_H

#include "pictures/picture_walk.h"

/* The colours of an image with a border of WINDOW / 2: one plane for each of three channels. Beyond
 * the last value stand WINDOWS_AT_ONCE more. */
typedef struct {
    const float *colours;
    ptrdiff_t height, width; /* without the border: so many windows */
    ptrdiff_t row, plane;    /* values from one row to the next, from one channel to the next */
} dde_windows;

/* Bytes that dde_work_directions needs, aligned to 64. */
size_t dde_directions_scratch(const dde_windows *images);
/* The distances between two images in DIRECTIONS_AT_ONCE directions, which are packed as
 * [3 WINDOW WINDOW][DIRECTIONS_AT_ONCE]: of the projected windows in which nothing is NaN. Writes
 * how many those are of each image; where there are none, the distances are NaN. */
void dde_work_directions(const dde_windows *images, const dde_picture_kernels *kernels,
                         const float *directions, double *distances, ptrdiff_t *finite,
                         void *scratch);

/* Weighted means of neighbours along an axis: mean i is of `most` pixels from first[i] on. Where a
 * weight is 0, a pixel is not looked at. */
typedef struct {
    ptrdiff_t most;
    const int64_t *first;
    const double *weights; /* [i][most] */
} dde_means;

/* An image made smaller by means of rows and columns. */
typedef struct {
    dde_channels input;
    ptrdiff_t width, to_width;
    dde_means down, across;
    const dde_picture_kernels *kernels;
} dde_shrinking;

/* Bytes that dde_shrink_row needs. */
size_t dde_shrinking_scratch(const dde_shrinking *shrinking);
/* Makes a row of the result, 3 values a pixel. Returns 1 where an sRGB value lay outside [0, 1]. */
int dde_shrink_row(const dde_shrinking *shrinking, ptrdiff_t row, float *to, void *scratch);

#endif
