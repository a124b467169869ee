/* The walk over arrays of any shape and strides, a tile at a time:
 *     load -> convert -> (compare) -> store, tally, or both.
 */
#ifndef DDE_WALK_H
#define DDE_WALK_H

#include "kernels.h"

#define MAX_DIMENSIONS 64 /* NumPy's own limit */

/* One array of colours, or of differences, seen through the shape of the walk. */
typedef struct {
    char *data;
    ptrdiff_t strides[MAX_DIMENSIONS];
    ptrdiff_t channel;
} dde_view;

typedef struct {
    dde_conversion convert;
    const double *parameters;
} dde_step;

/* How one input becomes planar Lab, or whatever is compared or stored: by steps over the tile, each
 * short enough that the processor begins the next colours meanwhile. */
#define DDE_MAX_STEPS 12
typedef struct {
    dde_view view;
    dde_loader load;
    dde_spectral_loader load_spectra; /* NULL: colours are loaded, and not spectra */
    const dde_weights *weights;
    dde_step steps[DDE_MAX_STEPS];
    int n_steps;
} dde_input;

typedef struct {
    int dimensions;
    ptrdiff_t shape[MAX_DIMENSIONS];
    ptrdiff_t size;
    ptrdiff_t real_size;
    dde_input inputs[2];
    dde_packed_conversion convert_packed; /* NULL: only by way of a tile */
    dde_step compare_steps[DDE_MAX_STEPS]; /* from what is added up to what is compared */
    int n_compare_steps;
    dde_difference compare; /* NULL: the walk is a conversion of inputs[0] */
    const void *parameters;
    dde_view output;
    int rows; /* of the output, one after the other along its `channel`: 1, or those of components */
    dde_store store; /* NULL: there is no output */
    int given; /* the output holds the differences already, as reals: they are added up, not made */
    dde_view limits; /* reals that differences are divided by before they are stored; data NULL: none */
    dde_tallier tally; /* NULL: nothing is added up */
    dde_view labels; /* for the tally: a byte a pixel; data NULL: all 1 */
    int64_t first_pixel; /* the number in its image of the walk's first pixel */
} dde_walk;

/* What was not as it must be, in one number. */
enum {
    DDE_FIRST_OUTSIDE = 1,  /* an sRGB value of the first input lay outside [0, 1] */
    DDE_SECOND_OUTSIDE = 2, /* or of the second */
    DDE_UNKNOWN_LABEL = 4   /* a label was that of no region; its pixel is not counted */
};

/* Works off the tile that begins with colour number `start`, and adds it to the tally. Tiles are
 * independent: any number of threads may share a walk, each with a tally of its own. */
int dde_work_tile(const dde_walk *walk, ptrdiff_t start, dde_tally *tally);

/* The walk back: from derivatives by the output of a walk, `upstream`, to those by its inputs. Of `at`
 * it takes the shape, the inputs as they are loaded, the parameters and how results are stored. */
typedef struct {
    dde_walk at;
    dde_input upstream;
    dde_difference_gradient difference; /* NULL: the walk is a conversion of inputs[0] */
    dde_conversion_gradient conversion;
    dde_view gradients[2]; /* data NULL: not wanted */
} dde_gradient_walk;

void dde_work_gradient_tile(const dde_gradient_walk *walk, ptrdiff_t start);

#endif
