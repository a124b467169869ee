/* The transfer functions of sRGB: IEC 61966-2-1:1999, 5.2 and 5.3. */
#ifndef DDE_SRGB_H
#define DDE_SRGB_H

#include "base/elementary.h"

/* x^2.4 for 0.09 <= x <= 1. For float it is a polynomial in sqrt(x), of which it is a smoother
 * function: a minimax fit, whose error counts as that of CIELAB does, to 5e-8 (x^2.4)^(2/3). */
INLINE real power_12_fifths(real x)
{
#ifdef DDE_DOUBLE
    return x * x * power_two_fifths(x);
#else
    return POLYNOMIAL(square_root(x), 8.084813435e-05f, -0.001398562012f, 0.01086340882f,
                      -0.05236876044f, 0.2134765142f, 0.9045166658f, -0.08648474124f,
                      0.01131467392f);
#endif
}

/* From a coded value in [0, 1] to linear light. */
INLINE real srgb_decode(real value)
{
    const real x = (value + R(0.055)) * (R(1.0) / R(1.055));
    return value > R(0.04045) ? power_12_fifths(x) : value * (R(1.0) / R(12.92));
}

/* From linear light to a coded value. With r = x^(-1/3), x^(1/2.4) = x^(1/2) r^(1/4).
 * The linear part goes on below 0; there is no upper limit. */
INLINE real srgb_encode(real light)
{
    const real r = inverse_cube_root(light, HOUSEHOLDER_STEPS);
    const real power = square_root(light * square_root(r));
    return light > R(0.0031308) ? R(1.055) * power - R(0.055) : R(12.92) * light;
}

#endif
