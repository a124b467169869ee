/* The loops over a tile around the conversions between spaces. */
#ifndef DDE_CONVERSIONS_H
#define DDE_CONVERSIONS_H

#include "base/tile.h"
#include "spaces/cielab.h"
#include "spaces/oklab.h"
#include "spaces/srgb.h"
#include "spaces/tone_mapping.h"

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
TILE_CONVERSION(linear_to_lab, const matrix_t M = matrix_from(p), relative_xyz_to_lab(times(M, t)))
CONVERSION(xyz_to_srgb, const matrix_t M = matrix_from(p), encoded(times(M, t)))
CONVERSION(xyz_to_oklab, const matrix_t M1 = matrix_from(p); const matrix_t M2 = matrix_from(p + 9),
           times(M2, cube_roots(times(M1, t))))
CONVERSION(oklab_to_xyz, const matrix_t M2 = matrix_from(p); const matrix_t M1 = matrix_from(p + 9),
           times(M1, cubes(times(M2, t))))

TILE_CONVERSION(tone_curve, const tone_curve_t curve = tone_curve_from(p), tone_mapped(t, curve))
TILE_CONVERSION(tone_reinhard, const real exposure = (real)p[0]; const triple_t Y = triple_from(p + 1),
                tone_mapped_by_luminance(t, exposure, Y))

/* In two passes over the tile: one chain of all their operations would be too long to overlap. */
static void convert_srgb_to_xyz(const double *p, ptrdiff_t count, void *planar)
{
    convert_srgb_to_rgb(p, count, planar);
    convert_linear(p, count, planar);
}

static void convert_srgb_to_lab(const double *p, ptrdiff_t count, void *planar)
{
    convert_srgb_to_rgb(p, count, planar);
    convert_linear_to_lab(p, count, planar);
}

#define packed_srgb_to_xyz NULL
#define packed_srgb_to_lab NULL
#define packed_linear_to_lab NULL
#define packed_tone_curve NULL
#define packed_tone_reinhard NULL

#endif
