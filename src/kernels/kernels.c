/* The tile loops around the formulas. Compiled for each instruction set, in float and, with
 * -DDDE_DOUBLE, in double; DDE_TABLE is the name of the function that gives the table. */
#include "kernels.h"

#include "cie76.h"
#include "cie94.h"
#include "ciede2000.h"
#include "cielab.h"
#include "cmc.h"
#include "deep.h"
#include "hyab.h"
#include "oklab.h"
#include "siamese.h"
#include "srgb.h"
#include "tally.h"
#include "tile.h"

/* ---- Loading ---------------------------------------------------------------------------- */

/* Loading does no arithmetic but one multiplication, of an integer by its unit, so that packed and
 * strided colours come out the same to the last bit. */
INLINE real from_colour(real value, int *outside)
{
    (void)outside;
    return value;
}

INLINE real from_u8(uint8_t value, int *outside)
{
    (void)outside;
    return (real)value * (R(1.0) / 255);
}

INLINE real from_u16(uint16_t value, int *outside)
{
    (void)outside;
    return (real)value * (R(1.0) / 65535);
}

INLINE real from_fraction(real value, int *outside)
{
    const real rounding = R(1e-5);
    *outside |= (value < -rounding) | (value > 1 + rounding);
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* The packed case (three neighbouring values a colour) is worth its own loop: with the strides
 * known, the compiler loads whole vectors and shuffles them. */
#define LOADER(name, type, decode)                                                           \
    static int load_##name(dde_run from, void *planar)                                       \
    {                                                                                        \
        real *restrict first = planar, *restrict second = first + TILE,                      \
             *restrict third = second + TILE;                                                \
        int outside = 0;                                                                     \
        if (from.step == 3 * sizeof(type) && from.channel == sizeof(type)) {                 \
            const type *packed = (const type *)from.data;                                    \
            _Pragma("omp simd reduction(|: outside)")                                        \
            for (ptrdiff_t i = 0; i < from.count; i++) {                                     \
                first[i] = decode(packed[3 * i], &outside);                                  \
                second[i] = decode(packed[3 * i + 1], &outside);                             \
                third[i] = decode(packed[3 * i + 2], &outside);                              \
            }                                                                                \
        } else {                                                                             \
            const char *data = from.data;                                                    \
            for (ptrdiff_t i = 0; i < from.count; i++, data += from.step) {                  \
                first[i] = decode(*(const type *)data, &outside);                            \
                second[i] = decode(*(const type *)(data + from.channel), &outside);          \
                third[i] = decode(*(const type *)(data + 2 * from.channel), &outside);       \
            }                                                                                \
        }                                                                                    \
        return outside;                                                                      \
    }

LOADER(colour_f32, float, from_colour)
LOADER(colour_f64, double, from_colour)
LOADER(srgb_u8, uint8_t, from_u8)
LOADER(srgb_u16, uint16_t, from_u16)
LOADER(srgb_f32, float, from_fraction)
LOADER(srgb_f64, double, from_fraction)

static void store(const void *planar, int channels, dde_run to)
{
    const real *restrict first = planar, *restrict second = first + TILE,
               *restrict third = second + TILE;
    if (channels == 1 && to.step == sizeof(real)) {
        memcpy(to.data, first, (size_t)to.count * sizeof(real));
    } else if (channels == 1) {
        for (ptrdiff_t i = 0; i < to.count; i++)
            *(real *)(to.data + i * to.step) = first[i];
    } else if (to.step == 3 * sizeof(real) && to.channel == sizeof(real)) {
        real *restrict packed = (real *)to.data;
        _Pragma("omp simd")
        for (ptrdiff_t i = 0; i < to.count; i++) {
            packed[3 * i] = first[i];
            packed[3 * i + 1] = second[i];
            packed[3 * i + 2] = third[i];
        }
    } else {
        for (ptrdiff_t i = 0; i < to.count; i++) {
            char *data = to.data + i * to.step;
            *(real *)data = first[i];
            *(real *)(data + to.channel) = second[i];
            *(real *)(data + 2 * to.channel) = third[i];
        }
    }
}

/* ---- Conversions ------------------------------------------------------------------------ */

typedef struct { real m[9]; } matrix_t;

INLINE matrix_t matrix_from(const double *m)
{
    matrix_t matrix;
    for (int i = 0; i < 9; i++)
        matrix.m[i] = (real)m[i];
    return matrix;
}

INLINE triple_t triple_from(const double *p)
{
    return (triple_t){(real)p[0], (real)p[1], (real)p[2]};
}

INLINE real dot(const real *row, triple_t t)
{
    return multiply_add(row[0], t.x, multiply_add(row[1], t.y, row[2] * t.z));
}

INLINE triple_t times(matrix_t matrix, triple_t t)
{
    return (triple_t){dot(matrix.m, t), dot(matrix.m + 3, t), dot(matrix.m + 6, t)};
}

/* The conversion `expression` of the colour t, after a `preparation` of the parameters p, in place
 * on a planar tile. */
#define TILE_CONVERSION(name, preparation, expression)                                       \
    static void convert_##name(const double *p, ptrdiff_t count, void *planar)               \
    {                                                                                        \
        real *restrict first = planar, *restrict second = first + TILE,                      \
             *restrict third = second + TILE;                                                \
        preparation;                                                                         \
        FOR_EACH_COLOUR(i, count)                                                            \
        {                                                                                    \
            const triple_t t = {first[i], second[i], third[i]};                              \
            const triple_t to = expression;                                                  \
            const real nan = nan_unless_finite(t.x, t.y, t.z);                               \
            first[i] = to.x + nan;                                                           \
            second[i] = to.y + nan;                                                          \
            third[i] = to.z + nan;                                                           \
        }                                                                                    \
    }

/* The same, and from packed to packed. */
#define CONVERSION(name, preparation, expression)                                            \
    TILE_CONVERSION(name, preparation, expression)                                           \
    static void packed_##name(const double *p, ptrdiff_t count, const void *from, void *into) \
    {                                                                                        \
        const real *restrict in = from;                                                      \
        real *restrict out = into;                                                           \
        preparation;                                                                         \
        FOR_EACH_COLOUR(i, count)                                                            \
        {                                                                                    \
            const triple_t t = {in[3 * i], in[3 * i + 1], in[3 * i + 2]};                    \
            const triple_t to = expression;                                                  \
            const real nan = nan_unless_finite(t.x, t.y, t.z);                               \
            out[3 * i] = to.x + nan;                                                         \
            out[3 * i + 1] = to.y + nan;                                                     \
            out[3 * i + 2] = to.z + nan;                                                     \
        }                                                                                    \
    }

/* Divided, and not multiplied by a reciprocal, so that the white itself has a* = b* = 0. */
INLINE triple_t over_white(triple_t xyz, triple_t white)
{
    return (triple_t){xyz.x / white.x, xyz.y / white.y, xyz.z / white.z};
}

INLINE triple_t times_white(triple_t xyz, triple_t white)
{
    return (triple_t){xyz.x * white.x, xyz.y * white.y, xyz.z * white.z};
}

INLINE triple_t encoded(triple_t t)
{
    return (triple_t){srgb_encode(t.x), srgb_encode(t.y), srgb_encode(t.z)};
}

INLINE triple_t decoded(triple_t t)
{
    return (triple_t){srgb_decode(t.x), srgb_decode(t.y), srgb_decode(t.z)};
}

INLINE triple_t cube_roots(triple_t t)
{
    return (triple_t){signed_cube_root(t.x), signed_cube_root(t.y), signed_cube_root(t.z)};
}

INLINE triple_t cubes(triple_t t) { return (triple_t){cube(t.x), cube(t.y), cube(t.z)}; }

CONVERSION(linear, const matrix_t M = matrix_from(p), times(M, t))
CONVERSION(xyz_to_lab, const triple_t white = triple_from(p),
           relative_xyz_to_lab(over_white(t, white)))
CONVERSION(lab_to_xyz, const triple_t white = triple_from(p),
           times_white(lab_to_relative_xyz(t), white))
TILE_CONVERSION(srgb_to_rgb, (void)p, decoded(t))
TILE_CONVERSION(rgb_to_lab, const matrix_t M = matrix_from(p), relative_xyz_to_lab(times(M, t)))
CONVERSION(xyz_to_srgb, const matrix_t M = matrix_from(p), encoded(times(M, t)))
CONVERSION(xyz_to_oklab, const matrix_t M1 = matrix_from(p); const matrix_t M2 = matrix_from(p + 9),
           times(M2, cube_roots(times(M1, t))))
CONVERSION(oklab_to_xyz, const matrix_t M2 = matrix_from(p); const matrix_t M1 = matrix_from(p + 9),
           times(M1, cubes(times(M2, t))))

/* In two passes over the tile: one chain of all their operations would be too long to overlap. */
static void convert_srgb_to_xyz(const double *p, ptrdiff_t count, void *planar)
{
    convert_srgb_to_rgb(p, count, planar);
    convert_linear(p, count, planar);
}

static void convert_srgb_to_lab(const double *p, ptrdiff_t count, void *planar)
{
    convert_srgb_to_rgb(p, count, planar);
    convert_rgb_to_lab(p, count, planar);
}

#define packed_srgb_to_xyz NULL
#define packed_srgb_to_lab NULL

/* ---- Differences ------------------------------------------------------------------------ */

#define DIFFERENCE(name)                                                                     \
    static void difference_##name(const void *parameters, ptrdiff_t count,                   \
                                  const void *planar1, const void *planar2, void *delta_e)   \
    {                                                                                        \
        const real *restrict lab1 = planar1, *restrict lab2 = planar2;                       \
        real *restrict dE = delta_e;                                                         \
        FOR_EACH_COLOUR(i, count)                                                            \
        {                                                                                    \
            const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);                            \
            dE[i] = name(x, y, parameters) + nan_unless_finite(x.L, x.a, x.b) +              \
                    nan_unless_finite(y.L, y.a, y.b);                                        \
        }                                                                                    \
    }

DIFFERENCE(cie76)
DIFFERENCE(cie94)
DIFFERENCE(cmc)
DIFFERENCE(hyab)

/* ---- The table -------------------------------------------------------------------------- */

#define LOADER_ENTRY(name) load_##name,
#define CONVERSION_ENTRY(name) convert_##name,
#define PACKED_CONVERSION_ENTRY(name) packed_##name,
#define DIFFERENCE_ENTRY(name) difference_##name,
#define ENCODER_ENTRY(name) encode_packed_##name,
#define EMBEDDER_ENTRY(name) embed_##name,

static const dde_kernels table = {
    .real_size = sizeof(real),
    .loaders = {DDE_LOADERS(LOADER_ENTRY)},
    .conversions = {DDE_CONVERSIONS(CONVERSION_ENTRY)},
    .packed_conversions = {DDE_CONVERSIONS(PACKED_CONVERSION_ENTRY)},
    .differences = {DDE_DIFFERENCES(DIFFERENCE_ENTRY)},
    .networks = {DDE_NETWORKS(DIFFERENCE_ENTRY)},
    .encoders = {DDE_NETWORKS(ENCODER_ENTRY)},
    .embedders = {DDE_NETWORKS(EMBEDDER_ENTRY)},
    .tally = tally,
    .store = store,
};

const dde_kernels *DDE_TABLE(void);
const dde_kernels *DDE_TABLE(void) { return &table; }
