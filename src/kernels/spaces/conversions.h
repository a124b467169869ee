/* The conversions between spaces that functions of their own offer. */
#ifndef DDE_CONVERSIONS_H
#define DDE_CONVERSIONS_H

#include "spaces/cielab.h"
#include "spaces/loops.h"
#include "spaces/oklab.h"
#include "spaces/srgb.h"
#include "spaces/tone_mapping.h"

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
TILE_CONVERSION(srgb_decode, (void)p, decoded(t))
TILE_CONVERSION(srgb_encode, (void)p, encoded(t))
TILE_CONVERSION(xyz_to_srgb, const matrix_t M = matrix_from(p), encoded(times(M, t)))
TILE_CONVERSION(xyz_to_oklab, const matrix_t M1 = matrix_from(p); const matrix_t M2 = matrix_from(p + 9),
                times(M2, cube_roots(times(M1, t))))
CONVERSION(oklab_to_xyz, const matrix_t M2 = matrix_from(p); const matrix_t M1 = matrix_from(p + 9),
           times(M1, cubes(times(M2, t))))

/* In short steps, as CIEDE2000: what images are converted by. */
static void convert_linear_to_lab(const double *p, ptrdiff_t count, void *planar)
{
    real *restrict f = planar, rest[3 * TILE];
    convert_linear(p, count, planar);
    for (int channel = 0; channel < 3; channel++)
        FOR_EACH_COLOUR(i, count)
        {
            const sum_t of = cielab_f(f[channel * TILE + i]);
            f[channel * TILE + i] = of.value;
            rest[channel * TILE + i] = of.rest;
        }
    FOR_EACH_COLOUR(i, count)
    {
        const triple_t lab = lab_of_f((sum_t){f[i], rest[i]}, (sum_t){f[i + TILE], rest[i + TILE]},
                                      (sum_t){f[i + 2 * TILE], rest[i + 2 * TILE]});
        f[i] = lab.x;
        f[i + TILE] = lab.y;
        f[i + 2 * TILE] = lab.z;
    }
}

TILE_CONVERSION(tone_curve, const tone_curve_t curve = tone_curve_from(p), tone_mapped(t, curve))
TILE_CONVERSION(tone_reinhard, const real exposure = (real)p[0]; const triple_t Y = triple_from(p + 1),
                tone_mapped_by_luminance(t, exposure, Y))

#endif
