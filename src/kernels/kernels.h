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

/* Conversions of a planar tile in place, the steps that ways between spaces are made of. Their
 * parameters are doubles. */
#define DDE_CONVERSIONS(X)                                                                       \
    X(linear, 9)             /* m[9]: a matrix, by rows */                                       \
    X(xyz_to_lab, 3)         /* white[3] */                                                      \
    X(lab_to_xyz, 3)         /* white[3] */                                                      \
    X(linear_to_lab, 9)      /* m[9]: to XYZ relative to the white */                            \
    X(srgb_decode, 0)                                                                            \
    X(srgb_encode, 0)                                                                            \
    X(xyz_to_srgb, 9)        /* m[9]: XYZ to linear RGB */                                       \
    X(xyz_to_oklab, 18)      /* M1[9], M2[9] */                                                  \
    X(oklab_to_xyz, 18)      /* inverse of M2[9], inverse of M1[9] */                            \
    X(toe_decode, 4)         /* gamma, offset, slope, threshold: see spaces/rgb_curves.h */      \
    X(toe_encode, 4)         /* the same */                                                      \
    X(pq_decode, 2)          /* m2, the light of 10 000 cd/m^2 */                                \
    X(pq_encode, 2)          /* m2, 10 000 cd/m^2 as a unit of the light */                      \
    X(hlg_decode, 1)         /* the light of a full signal */                                    \
    X(hlg_encode, 1)         /* its reciprocal */                                                \
    X(power, 1)              /* the exponent, the sign being kept */                             \
    X(xyz_to_luv, 3)         /* white[3] */                                                      \
    X(luv_to_xyz, 3)         /* white[3] */                                                      \
    X(polar, 0)                                                                                  \
    X(cartesian, 0)                                                                              \
    X(cones_to_cam, 7)       /* viewing[7]: see spaces/ciecam.h */                               \
    X(cam_to_cones, 7)       /* viewing[7] */                                                    \
    X(cam_to_ucs, 2)         /* c1, c2 */                                                        \
    X(ucs_to_cam, 2)         /* c1, c2 */                                                        \
    X(izazbz_to_jzazbz, 0)                                                                       \
    X(jzazbz_to_izazbz, 0)                                                                       \
    X(lab_to_din99, 9)       /* 9 numbers: see spaces/din99.h */                                 \
    X(din99_to_lab, 9)       /* the same */                                                      \
    X(xyz_to_hct, 16)        /* viewing[7], m[9]: XYZ to cones */                                \
    X(hct_to_xyz, 16)        /* viewing[7], m[9]: cones to XYZ */                                \
    X(root_polynomial_2, 18) /* 3 rows of coefficients: see spaces/camera.h */                   \
    X(root_polynomial_3, 39)                                                                     \
    X(root_polynomial_4, 66)                                                                     \
    X(tone_curve, 7)         /* the factor of exposure, k[6] */                                  \
    X(tone_reinhard, 4)      /* the factor of exposure, the luminance of red, green and blue */

/* Those that also go from packed to packed colours: what they hold at a time fits into the registers.
 * Longer ones are as fast by way of a tile, or much faster. */
#define DDE_PACKED_CONVERSIONS(X) X(linear) X(xyz_to_lab) X(lab_to_xyz) X(oklab_to_xyz)

/* Differences between two planar Lab tiles. Their parameters are doubles, in this order. */
#define DDE_DIFFERENCES(X)                                                                       \
    X(cie76, 0)                                                                                  \
    X(cie94, 3)      /* kL, K1, K2 */                                                            \
    X(cmc, 2)        /* l, c */                                                                  \
    X(ciede2000, 3)  /* kL, kC, kH */                                                            \
    X(hyab, 0)                                                                                   \
    X(hych, 3)       /* kL, kC, kH */

/* Of these, that are known with what they are made of: X(name, how many rows that is). */
#define DDE_COMPONENTS(X) X(cie76, 4) X(cie94, 4) X(cmc, 4) X(ciede2000, 5)
enum { DDE_MOST_ROWS = 5 };

#define DDE_ID(name, ...) DDE_##name,
enum { DDE_LOADERS(DDE_ID) DDE_N_LOADERS };
enum { DDE_CONVERSIONS(DDE_ID) DDE_N_CONVERSIONS };
enum { DDE_DIFFERENCES(DDE_ID) DDE_N_DIFFERENCES };
enum { DDE_PICTURE_DIFFERENCES(DDE_ID) DDE_N_PICTURE_DIFFERENCES };

/* Those that have gradients: of differences, and of whole ways between spaces, of which each has the
 * parameters of its one step that takes any. */
#define DDE_DIFFERENCE_GRADIENTS(X) X(cie76) X(cie94) X(cmc) X(ciede2000) X(hyab)
#define DDE_CONVERSION_GRADIENTS(X)                                                              \
    X(linear, 9) X(xyz_to_lab, 3) X(lab_to_xyz, 3) X(srgb_to_xyz, 9) X(srgb_to_lab, 9)           \
    X(xyz_to_srgb, 9) X(xyz_to_oklab, 18) X(oklab_to_xyz, 18)

#define DDE_GRADIENT_ID(name, ...) DDE_gradient_of_##name,
enum { DDE_CONVERSION_GRADIENTS(DDE_GRADIENT_ID) DDE_N_CONVERSION_GRADIENTS };

/* Fills planar values from `planar` on; returns 1 where an sRGB value lay outside [0, 1] by more
 * than rounding (it is clipped), else 0. */
typedef int (*dde_loader)(dde_run from, void *planar);
/* Of spectra: 3 rows of `bands` numbers of the precision of the kernels. */
typedef struct {
    const void *values;
    ptrdiff_t bands;
} dde_weights;

/* Fills planar XYZ from `planar` on with the weighted sums of spectra; from one band to the next it is
 * `channel` bytes. */
typedef void (*dde_spectral_loader)(const dde_weights *weights, dde_run from, void *planar);
typedef void (*dde_conversion)(const double *parameters, ptrdiff_t count, void *planar);
/* The same from packed colours to packed colours, a whole number of BLOCKs: without a tile between,
 * memory and arithmetic work at the same time. NULL for all but DDE_PACKED_CONVERSIONS. */
typedef void (*dde_packed_conversion)(const double *parameters, ptrdiff_t count, const void *from,
                                      void *to);
typedef void (*dde_difference)(const void *parameters, ptrdiff_t count, const void *lab1,
                               const void *lab2, void *delta_e);
/* From the derivatives by each difference, `upstream`, to those by both Lab tiles. */
typedef void (*dde_difference_gradient)(const void *parameters, ptrdiff_t count, const void *lab1,
                                        const void *lab2, const void *upstream, void *gradient1,
                                        void *gradient2);
/* From the derivatives by what a conversion gives to those by the tile that it is given, in place. */
typedef void (*dde_conversion_gradient)(const double *parameters, ptrdiff_t count,
                                        const void *planar, void *gradient);
/* Stores `channels` (1 or 3) planar rows. */
typedef void (*dde_store)(const void *planar, int channels, dde_run to);

/* Learned differences. Their parameters are a dde_network, with so many layers. */
#define DDE_NETWORKS(X) X(siamese, 4) X(deep, 3)
enum { DDE_NETWORKS(DDE_ID) DDE_N_NETWORKS };
/* Those that have gradients, by colours. */
#define DDE_NETWORK_GRADIENTS(X) X(deep)

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
    dde_spectral_loader load_spectra; /* of numbers of the precision of the kernels */
    dde_conversion conversions[DDE_N_CONVERSIONS];
    dde_packed_conversion packed_conversions[DDE_N_CONVERSIONS];
    dde_difference differences[DDE_N_DIFFERENCES];
    dde_difference components[DDE_N_DIFFERENCES]; /* to rows, ΔE first; NULL where there are none */
    dde_difference networks[DDE_N_NETWORKS];
    dde_encoder encoders[DDE_N_NETWORKS];  /* to what is compared: at most DDE_MAX_UNITS */
    dde_encoder embedders[DDE_N_NETWORKS]; /* to the embedding */
    dde_difference_gradient difference_gradients[DDE_N_DIFFERENCES]; /* NULL where there is none */
    dde_difference_gradient network_gradients[DDE_N_NETWORKS];       /* the same */
    dde_conversion_gradient conversion_gradients[DDE_N_CONVERSION_GRADIENTS];
    dde_store store;
    /* What images are compared by: NULL in double. */
    dde_difference picture_differences[DDE_N_PICTURE_DIFFERENCES];
    const dde_picture_kernels *pictures;
    dde_tallier tally;
} dde_kernels;

/* What the lists above say of each. */
typedef struct {
    const char *name;
    int parameters;
} dde_listed;

extern const dde_listed dde_listed_conversions[];
extern const dde_listed dde_listed_differences[];
extern const int dde_component_rows[DDE_N_DIFFERENCES]; /* 0 where there are none */
extern const dde_listed dde_listed_picture_differences[];
extern const dde_listed dde_listed_networks[];
extern const dde_listed dde_listed_conversion_gradients[];

#endif
