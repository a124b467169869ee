/* CIELAB and XYZ: CIE 15:2018, 8.2.1. XYZ is relative to the white here (X / X_n, …). */
#ifndef DDE_CIELAB_H
#define DDE_CIELAB_H

#include "base/colour.h"

#define DELTA R(0.20689655172413793)        /* 6 / 29 */
#define DELTA_CUBED R(0.008856451679035631) /* (6 / 29)^3 */
#define SLOPE R(7.787037037037037)          /* (29 / 6)^2 / 3 */
#define OFFSET R(0.13793103448275862)       /* 4 / 29 */

INLINE sum_t cielab_f(real t)
{
    const sum_t root = cube_root(t);
    const real line = SLOPE * t + OFFSET;
    return (sum_t){t > DELTA_CUBED ? root.value : line, t > DELTA_CUBED ? root.rest : 0};
}

INLINE real cielab_f_inverse(real f) { return f > DELTA ? f * f * f : (f - OFFSET) / SLOPE; }

/* The two parts of f are kept apart, since a* and b* are differences of nearly equal f. */
INLINE triple_t lab_of_f(sum_t fx, sum_t fy, sum_t fz)
{
    return (triple_t){116 * fy.value - 16 + 116 * fy.rest,
                      500 * ((fx.value - fy.value) + (fx.rest - fy.rest)),
                      200 * ((fy.value - fz.value) + (fy.rest - fz.rest))};
}

INLINE triple_t relative_xyz_to_lab(triple_t xyz)
{
    return lab_of_f(cielab_f(xyz.x), cielab_f(xyz.y), cielab_f(xyz.z));
}

INLINE triple_t lab_to_relative_xyz(triple_t lab)
{
    const real fy = (lab.x + 16) * (R(1.0) / 116);
    const real fx = fy + lab.y * R(0.002), fz = fy - lab.z * R(0.005);
    return (triple_t){cielab_f_inverse(fx), cielab_f_inverse(fy), cielab_f_inverse(fz)};
}

#endif
