/* What an instruction set has to offer: one table of functions, in each precision.
 *
 * All of them work on a tile: up to TILE colours, planar (TILE values of the first coordinate,
 * then of the second, then of the third) in float or double. A tile is padded with zeros to a
 * whole number of PADDING colours, so that no loop has a remainder and a colour gives the same
 * result wherever in a tile it stands.
 */
#ifndef DDE_KERNELS_H
#define DDE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "pictures/pictures.h"

#define TILE 240
#define PADDING 48 /* three of the widest vectors of floats; a divisor of TILE */
#define BLOCK 16   /* one of the widest vectors of floats; a divisor of PADDING */

/* Where `count` colours lie: from one to the next it is `step` bytes, from one coordinate to the
 * next `channel` bytes. A step of 0 repeats one colour. */
typedef struct {
    char *data;
    ptrdiff_t step, channel, count;
} dde_run;

/* Element types that can be loaded: numbers as they are, or sRGB, which becomes [0, 1]. */
#define DDE_LOADERS(X) \
    X(colour_f32) X(colour_f64) X(srgb_u8) X(srgb_u16) X(srgb_f32) X(srgb_f64)

/* The lists of kernels: X(name, how many parameters it has). The door refuses any other number. */

/* Conversions of a planar tile in place. Their parameters are doubles. */
#define DDE_CONVERSIONS(X)                                                                       \
    X(linear, 9)        /* m[9]: a matrix, by rows */                                               \
    X(xyz_to_lab, 3)    /* white[3] */                                                              \
    X(lab_to_xyz, 3)    /* white[3] */                                                              \
    X(srgb_to_xyz, 9)   /* m[9]: linear RGB to XYZ */                                               \
    X(srgb_to_lab, 9)   /* m[9]: linear RGB to XYZ relative to the white */                         \
    X(linear_to_lab, 9) /* m[9]: any linear coordinates to XYZ relative to the white */             \
    X(xyz_to_srgb, 9)   /* m[9]: XYZ to linear RGB */                                               \
    X(xyz_to_oklab, 18) /* M1[9], M2[9] */                                                          \
    X(oklab_to_xyz, 18) /* inverse of M2[9], inverse of M1[9] */                                    \
    X(tone_curve, 7)    /* the factor of exposure, k[6] */                                          \
    X(tone_reinhard, 4) /* the factor of exposure, the luminance of red, green and blue */

/* Differences between two planar Lab tiles. Their parameters are doubles, in this order. */
#define DDE_DIFFERENCES(X)                                                                       \
    X(cie76, 0)                                                                                  \
    X(cie94, 3)      /* kL, K1, K2 */                                                            \
    X(cmc, 2)        /* l, c */                                                                  \
    X(ciede2000, 3)  /* kL, kC, kH */                                                            \
    X(hyab, 0)

#define DDE_ID(name, ...) DDE_##name,
enum { DDE_LOADERS(DDE_ID) DDE_N_LOADERS };
enum { DDE_CONVERSIONS(DDE_ID) DDE_N_CONVERSIONS };
enum { DDE_DIFFERENCES(DDE_ID) DDE_N_DIFFERENCES };
enum { DDE_PICTURE_DIFFERENCES(DDE_ID) DDE_N_PICTURE_DIFFERENCES };

/* Fills planar values from `planar` on; returns 1 where an sRGB value lay outside [0, 1] by more
 * than rounding (it is clipped), else 0. */
typedef int (*dde_loader)(dde_run from, void *planar);
typedef void (*dde_conversion)(const double *parameters, ptrdiff_t count, void *planar);
/* The same from packed colours to packed colours, a whole number of BLOCKs: without a tile between,
 * memory and arithmetic work at the same time. NULL for what begins with sRGB. */
typedef void (*dde_packed_conversion)(const double *parameters, ptrdiff_t count, const void *from,
                                      void *to);
typedef void (*dde_difference)(const void *parameters, ptrdiff_t count, const void *lab1,
                               const void *lab2, void *delta_e);
/* Stores `channels` (1 or 3) planar rows. */
typedef void (*dde_store)(const void *planar, int channels, dde_run to);

/* Learned differences. Their parameters are a dde_network, with so many layers. */
#define DDE_NETWORKS(X) X(siamese, 4) X(deep, 3)
enum { DDE_NETWORKS(DDE_ID) DDE_N_NETWORKS };

/* Numbers of the precision of the kernels. Each weight matrix is packed as
 * [output / DDE_PACKED_OUTPUTS][input][DDE_PACKED_OUTPUTS], outputs padded with zeros. */
enum { DDE_PACKED_OUTPUTS = 4, DDE_MAX_UNITS = 132, DDE_MAX_LAYERS = 4, DDE_MAX_CONSTANTS = 3 };

/* The units of the Siamese network, which are known at compile time. */
enum { DDE_SIAMESE_HIDDEN = 64, DDE_SIAMESE_EMBEDDING = 128 };

typedef struct {
    const void *weights[DDE_MAX_LAYERS], *biases[DDE_MAX_LAYERS];
    double constants[DDE_MAX_CONSTANTS];
    int hidden, embedding; /* units; at most DDE_MAX_UNITS - 4 */
    const void *fixed[2];  /* a side that is one colour throughout, encoded, or NULL */
} dde_network;

/* From packed colours to so many numbers each. */
typedef void (*dde_encoder)(const dde_network *net, ptrdiff_t count, const void *colours,
                            void *packed);

/* What an inspection adds up, region by region: see door/tally.pxi for the arrays. Bin i of a histogram
 * is for differences of i / DDE_BINS_PER_UNIT and more; the last, for DDE_BINNED_TO and more. */
enum {
    DDE_SUMS = 5, /* of ΔE, ΔE^2, ΔL*, ΔC*, ΔH* */
    DDE_BINS_PER_UNIT = 128,
    DDE_BINNED_TO = 256,
    DDE_BINS = DDE_BINNED_TO * DDE_BINS_PER_UNIT + 1
};

typedef struct {
    int regions;
    double scale; /* of the histograms: differences are multiplied by it before they are binned */
    const double *thresholds;
    int n_thresholds;
    int64_t *counts, *places;
    double *sums, *peaks;
    int32_t *bins; /* of each pixel, region * DDE_BINS + bin: to be counted in the histograms */
    ptrdiff_t n_bins;
} dde_tally;

/* Adds a tile of Lab pixels and their differences. The labels are used up. */
typedef void (*dde_tallier)(dde_tally *to, ptrdiff_t count, int64_t first, uint8_t *labels,
                            const void *lab1, const void *lab2, const void *delta_e);

typedef struct {
    ptrdiff_t real_size; /* bytes: 4 or 8 */
    dde_loader loaders[DDE_N_LOADERS];
    dde_conversion conversions[DDE_N_CONVERSIONS];
    dde_packed_conversion packed_conversions[DDE_N_CONVERSIONS];
    dde_difference differences[DDE_N_DIFFERENCES];
    dde_difference picture_differences[DDE_N_PICTURE_DIFFERENCES];
    dde_difference networks[DDE_N_NETWORKS];
    dde_encoder encoders[DDE_N_NETWORKS];  /* to what is compared: at most DDE_MAX_UNITS */
    dde_encoder embedders[DDE_N_NETWORKS]; /* to the embedding */
    dde_tallier tally;
    dde_store store;
    const dde_picture_kernels *pictures; /* NULL in double */
} dde_kernels;

/* What the lists above say of each. */
typedef struct {
    const char *name;
    int parameters;
} dde_listed;

extern const dde_listed dde_listed_conversions[];
extern const dde_listed dde_listed_differences[];
extern const dde_listed dde_listed_picture_differences[];
extern const dde_listed dde_listed_networks[];

#endif
