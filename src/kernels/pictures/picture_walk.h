/* The walk over two images for comparisons that see more than a pixel:
 *     load -> convert -> filter along the row -> filter down a ring of rows -> finish
 *          -> compare, with the neighbours as well where shifts are tolerated -> store
 *
 * It works on a strip of columns as wide as a tile, from row to row, and holds as many rows of it as
 * the filters see: memory does not grow with the images. */
#ifndef DDE_PICTURE_WALK_H
#define DDE_PICTURE_WALK_H

#include "walk.h"

/* One channel, filtered along its row. */
typedef struct {
    int input;         /* the channel of the colours */
    int radius;        /* in pixels */
    const float *taps; /* 2 radius + 1 */
} dde_line;

/* A line, filtered down its columns and added to a channel of the result. */
typedef struct {
    int line, output, radius; /* radius at least LEAST_RADIUS_DOWN */
    const float *taps;
} dde_sum;

typedef struct {
    int n_lines, n_sums; /* none: the colours are compared as they are */
    int n_channels;      /* of the result */
    int margin;          /* the largest radius, of rows and of columns */
    int reflected;       /* beyond the border, the image goes on: 1 as c b a | a b c, 0 as a a | a b c */
    dde_line lines[DDE_MOST_LINES];
    dde_sum sums[DDE_MOST_SUMS];
    dde_step finish[DDE_MAX_STEPS]; /* from the first three channels to what is compared */
    int n_finish;
} dde_bank;

/* How one image becomes channels. Its view has two dimensions, rows and columns. */
typedef struct {
    dde_view view;
    dde_loader load;
    dde_step steps[DDE_MAX_STEPS];
    int n_steps;
} dde_channels;

typedef struct {
    ptrdiff_t height, width; /* of the whole images */
    ptrdiff_t first_row;     /* that the views begin with; they hold all rows that are seen */
    dde_channels inputs[2];
    dde_bank bank;
    dde_difference compare;
    const void *parameters;
    /* A difference is the least between a pixel and those of the other image no further than `shift`
     * away in x and in y, of both directions the larger one; then the reference's own gradient times
     * `slack` is taken off. */
    int shift;
    float slack;
    const dde_picture_kernels *kernels;
    dde_view output; /* of float, which begins with row output_row of the image */
    ptrdiff_t output_row;
} dde_picture;

/* The columns that a strip gives, less than a tile where it needs neighbours of them. */
ptrdiff_t dde_strip_width(const dde_picture *picture);
/* Bytes that a strip needs to be worked off in, aligned to 64. */
size_t dde_strip_scratch(const dde_picture *picture);
/* Works off rows start to stop - 1 of the strip of columns that begins with `column`. Returns what
 * dde_work_tile does. */
int dde_work_strip(const dde_picture *picture, ptrdiff_t column, ptrdiff_t start, ptrdiff_t stop,
                   void *scratch);

#endif
