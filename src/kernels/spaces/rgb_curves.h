/* Transfer curves of RGB spaces other than sRGB's own, between coded values and linear light. */
#ifndef DDE_RGB_CURVES_H
#define DDE_RGB_CURVES_H

#include "base/transcendental.h"

/* A power law with a straight toe, mirrored for negative values: for |V| > threshold
 *     light = ((|V| + offset) / (1 + offset))^gamma,  else  light = |V| / slope.
 * It covers Adobe RGB (1998) (no toe), ROMM RGB (ISO 22028-2) and Recommendation ITU-R BT.2020. */
typedef struct { real gamma, per_gamma, offset, slope, threshold, light_threshold; } toe_t;

INLINE toe_t toe_from(const double *p)
{
    return (toe_t){(real)p[0], (real)(1 / p[0]), (real)p[1], (real)p[2], (real)p[3],
                   (real)(p[3] / p[2])};
}

INLINE real toe_decode(toe_t k, real value)
{
    const real V = magnitude(value);
    const real light = power((V + k.offset) / (1 + k.offset), k.gamma);
    return with_sign_of(V > k.threshold ? light : V / k.slope, value);
}

INLINE real toe_encode(toe_t k, real light)
{
    const real E = magnitude(light);
    const real V = (1 + k.offset) * power(E, k.per_gamma) - k.offset;
    return with_sign_of(E > k.light_threshold ? V : E * k.slope, light);
}

/* The perceptual quantizer, SMPTE ST 2084 and Recommendation ITU-R BT.2100 table 4, mirrored for
 * negative light: V = ((c1 + c2 Y) / (1 + c3 Y))^m2 with Y = light^m1, light in units of 10 000
 * cd/m² here. Jzazbz has another m2.
 *
 * With c1 = c3 - c2 + 1, the ratio is 1 - (1 - c1) (1 - Y) / (1 + c3 Y): taken from 1, the power
 * m2 = 78.8 does not magnify what rounding does to it; and likewise back. */
#define PQ_M1 R(0.1593017578125)
#define PQ_1_MINUS_C1 R(0.1640625)
#define PQ_C3 R(18.6875)

INLINE real pq_encode(real m2, real scale, real light)
{
    const real Y = power(magnitude(light) * scale, PQ_M1);
    const real q = PQ_1_MINUS_C1 * (1 - Y) / (1 + PQ_C3 * Y);
    return with_sign_of(exponential(m2 * log_of_1_plus(-q)), light);
}

INLINE real pq_decode(real m2, real scale, real value)
{
    /* V^(1 / m2) = 1 + w; below c1 there is no light. */
    const real exponent = logarithm(larger(magnitude(value), TINY)) / m2;
    const real w = exponential_minus_1(smaller(larger(exponent, R(-0.2)), R(0.2)));
    const real light = power((PQ_1_MINUS_C1 + w) / (PQ_1_MINUS_C1 - PQ_C3 * w), 1 / PQ_M1);
    return with_sign_of(light * scale, value);
}

/* Hybrid log-gamma, Recommendation ITU-R BT.2100 table 5: the OETF of scene light E in [0, 1],
 * mirrored for negative light. */
#define HLG_A R(0.17883277)
#define HLG_B R(0.28466892)          /* 1 - 4 a */
#define HLG_C R(0.55991072952956202) /* 0.5 - a ln(4 a) */

INLINE real hlg_encode(real scale, real light)
{
    const real E = magnitude(light) * scale;
    const real V = E * 12 > 1 ? HLG_A * logarithm(larger(12 * E - HLG_B, R(0.1))) + HLG_C
                              : square_root(3 * E);
    return with_sign_of(V, light);
}

INLINE real hlg_decode(real scale, real value)
{
    const real V = magnitude(value);
    const real exponent = smaller((V - HLG_C) / HLG_A, 80);
    const real E = V > R(0.5) ? (exponential(exponent) + HLG_B) * (R(1.0) / 12)
                              : V * V * (R(1.0) / 3);
    return with_sign_of(E * scale, value);
}

#endif
