/* CIELUV and XYZ: CIE 15:2018, 8.2.2, for a white with Y_n. */
#ifndef DDE_CIELUV_H
#define DDE_CIELUV_H

#include "spaces/cielab.h"

typedef struct { real u, v, Y; } luv_white_t;

INLINE luv_white_t luv_white_from(const double *white)
{
    const double denominator = white[0] + 15 * white[1] + 3 * white[2];
    return (luv_white_t){(real)(4 * white[0] / denominator), (real)(9 * white[1] / denominator),
                         (real)white[1]};
}

INLINE triple_t xyz_to_luv(luv_white_t n, triple_t xyz)
{
    const real denominator = xyz.x + 15 * xyz.y + 3 * xyz.z;
    const sum_t f = cielab_f(xyz.y / n.Y);
    const real L = 116 * f.value - 16 + 116 * f.rest;
    /* 13 L* (u' - u'_n), u' = 4 X / denominator, without the quotient of tiny numbers near black. */
    const real per = 13 * L / (denominator != 0 ? denominator : 1);
    return (triple_t){L, per * (4 * xyz.x - n.u * denominator), per * (9 * xyz.y - n.v * denominator)};
}

INLINE triple_t luv_to_xyz(luv_white_t n, triple_t luv)
{
    const real Y = n.Y * cielab_f_inverse((luv.x + 16) * (R(1.0) / 116));
    const real L13 = 13 * luv.x;
    const real u = luv.y + L13 * n.u, v = luv.z + L13 * n.v; /* 13 L* u', 13 L* v' */
    const real per_v = Y / (v != 0 ? v : 1) * R(0.25);
    return (triple_t){9 * u * per_v, Y, (12 * L13 - 3 * u - 20 * v) * per_v};
}

#endif
