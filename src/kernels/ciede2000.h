/* CIEDE2000.
 *
 * Equation numbers are those of G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 color-difference
 * formula: implementation notes, supplementary test data, and mathematical observations", Color
 * Research and Application 30 (2005) 21-30.
 *
 * No hue angle is ever formed: a hue is a unit vector, the mean hue the bisector of two of them,
 * and the cosines of its multiples follow from the multiple-angle formulas. That is exact where
 * the textbook form loses all its digits (tiny hue differences in single precision), and fast.
 */
#ifndef DDE_CIEDE2000_H
#define DDE_CIEDE2000_H

#include "colour.h"

/* sqrt(C^7 / (C^7 + 25^7)) */
INLINE real high_chroma(real C)
{
    const real x = C * R(0.04), x2 = x * x, x7 = x2 * x2 * x2 * x;
    return square_root(x7 / (x7 + 1));
}

/* Which way one turns from hue 1 to hue 2 to meet the mean hue half-way, 1 or -1: the shorter way.
 * Where the two are exactly opposite, the paper's mean is the smaller hue + 90 degrees. */
INLINE real shorter_turn(real cross, lab_t x)
{
    const real from_smaller_hue = x.b > 0 ? 1 : x.b < 0 ? -1 : x.a > 0 ? 1 : -1;
    return cross > 0 ? 1 : cross < 0 ? -1 : from_smaller_hue;
}

INLINE real ciede2000(lab_t x, lab_t y, const double k[3])
{
    const real kL = (real)k[0], kC = (real)k[1], kH = (real)k[2];

    /* Step 1: C'_i, and h'_i as the unit vector (u_i, v_i); (0, 0) for a neutral colour. */
    const real C_mean = R(0.5) * (chroma(x.a, x.b) + chroma(y.a, y.b));       /* (2), (3) */
    const real G = R(0.5) - R(0.5) * high_chroma(C_mean);                     /* (4) */
    const real a1 = (1 + G) * x.a, b1 = x.b;                                  /* (5) */
    const real a2 = (1 + G) * y.a, b2 = y.b;
    const real C1 = chroma(a1, b1), C2 = chroma(a2, b2);                      /* (6) */
    const real per_C1 = 1 / maximum(C1, TINY), per_C2 = 1 / maximum(C2, TINY);
    const real u1 = a1 * per_C1, v1 = b1 * per_C1;                            /* (7) */
    const real u2 = a2 * per_C2, v2 = b2 * per_C2;

    /* Step 2: ΔL', ΔC', ΔH'. */
    const real cross = cross_product(x.a, x.b, y.a, y.b), turn = shorter_turn(cross, x);
    const real dot = a1 * a2 + b1 * b2;
    const real dL = y.L - x.L;                                                /* (8) */
    const real dC = C2 - C1;                                                  /* (9) */
    const real dH = turn * hue_difference(C1, C2, dot, (1 + G) * cross);      /* (10), (11) */

    /* Step 3: the means. The mean hue is the direction of the sum of the unit vectors; of their
     * difference, turned by 90 degrees, where they point apart and the sum would cancel. */
    const real L_mean = R(0.5) * (x.L + y.L);                                 /* (12) */
    const real C_mean_prime = R(0.5) * (C1 + C2);                             /* (13) */
    const real u = dot < 0 ? turn * (v2 - v1) : u1 + u2;
    const real v = dot < 0 ? turn * (u1 - u2) : v1 + v2;
    const real per_length = 1 / square_root(maximum(u * u + v * v, TINY));
    const real c1 = u * per_length, s1 = v * per_length;                      /* (14) */

    /* cos and sin of 2h, 3h and 4h */
    const real c2 = c1 * c1 - s1 * s1, s2 = 2 * c1 * s1;
    const real c3 = c1 * c2 - s1 * s2, s3 = s1 * c2 + c1 * s2;
    const real c4 = c2 * c2 - s2 * s2, s4 = 2 * c2 * s2;

    const real T = 1                                                          /* (15) */
        - R(0.17) * (c1 * R(0.8660254037844386) + s1 * R(0.5))                /* cos(h - 30) */
        + R(0.24) * c2                                                        /* cos(2h) */
        + R(0.32) * (c3 * R(0.9945218953682733) - s3 * R(0.10452846326765347)) /* cos(3h + 6) */
        - R(0.20) * (c4 * R(0.4539904997395468) + s4 * R(0.8910065241883679)); /* cos(4h - 63) */

    /* Δθ = 30 exp(-((h - 275) / 25)^2) degrees. For hues in [0, 90] the paper's h - 275 lies
     * beyond -180 degrees, where the exponential is below 1e-23, and not at the same angle
     * less a whole turn, where it could reach 1e-5. */
    const real cosine = c1 * R(0.08715574274765817) - s1 * R(0.9961946980917455);
    const real squared = squared_angle(cosine) * R(5.25249016001879);        /* (180 / (25 pi))^2 */
    const real bump = (c1 >= 0) & (s1 >= 0) ? 0 : exponential_of_negative(-squared);
    const real two_dtheta = R(1.0471975511965976) * bump;                     /* (16), 60 degrees */

    const real R_C = 2 * high_chroma(C_mean_prime);                           /* (17) */
    const real L50 = (L_mean - 50) * (L_mean - 50);
    const real S_L = 1 + R(0.015) * L50 / square_root(20 + L50);              /* (18) */
    const real S_C = 1 + R(0.045) * C_mean_prime;                             /* (19) */
    const real S_H = 1 + R(0.015) * C_mean_prime * T;                         /* (20) */
    const real R_T = -sine(two_dtheta) * R_C;                                 /* (21) */

    const real l = dL / (kL * S_L), c = dC / (kC * S_C), h = dH / (kH * S_H);
    return square_root(maximum(l * l + c * c + h * h + R_T * c * h, 0));      /* (22) */
}

#endif
