/* The transfer functions of sRGB: IEC 61966-2-1:1999, 5.2 and 5.3. */
#ifndef DDE_SRGB_H
#define DDE_SRGB_H

#include "base/elementary.h"

/* From a coded value in [0, 1] to linear light; x^2.4 = x^2 x^(2/5). */
INLINE real srgb_decode(real value)
{
    const real x = (value + R(0.055)) * (R(1.0) / R(1.055));
    return value > R(0.04045) ? x * x * power_two_fifths(x) : value * (R(1.0) / R(12.92));
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
