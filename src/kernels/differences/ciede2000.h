/* CIEDE2000.
 *
 * Equation numbers are those of G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 color-difference
 * formula: implementation notes, supplementary test data, and mathematical observations", Color
 * Research and Application 30 (2005) 21-30.
 *
 * No hue angle is ever formed: a hue is a vector, the mean hue the bisector of two of them, and
 * the cosines of its multiples follow from the multiple-angle formulas. That is exact where the
 * textbook form loses all its digits (tiny hue differences in single precision), and fast.
 *
 * The formula is one long chain of operations that wait for each other, too long for a processor
 * to begin the next colours meanwhile. So it is worked off in four steps, each for a whole tile.
 */
#ifndef DDE_CIEDE2000_H
#define DDE_CIEDE2000_H

#include "base/colour.h"
#include "base/tile.h"

/* What the steps hand on, for each pair of a tile. */
typedef struct {
    real a_scale[TILE];        /* 1 + G */
    real dC[TILE], dH[TILE];   /* ΔC', ΔH' */
    real C_mean[TILE];         /* mean C' */
    real u[TILE], v[TILE];     /* along the mean h', of any length */
    real T[TILE];
    real cos_h_275[TILE];      /* cos(mean h' - 275 degrees) */
    real R_T[TILE];
} ciede2000_steps;

/* sqrt(C^7 / (C^7 + 25^7)) */
INLINE real high_chroma(real C)
{
    const real x = C * R(0.04), x2 = x * x, x7 = x2 * x2 * x2 * x;
    return square_root(x7 / (x7 + 1));
}

INLINE real scale_of_a(lab_t x, lab_t y)
{
    const real C_mean = R(0.5) * (chroma(x.a, x.b) + chroma(y.a, y.b));       /* (2), (3) */
    const real G = R(0.5) - R(0.5) * high_chroma(C_mean);                     /* (4) */
    return 1 + G;
}

/* Which way one turns from hue 1 to hue 2 to meet the mean hue half-way, 1 or -1: the shorter way.
 * Where the two are exactly opposite, the paper's mean is the smaller hue + 90 degrees. */
INLINE real shorter_turn(real cross, lab_t x)
{
    const real from_smaller_hue = x.b > 0 ? 1 : x.b < 0 ? -1 : x.a > 0 ? 1 : -1;
    return cross > 0 ? 1 : cross < 0 ? -1 : from_smaller_hue;
}

INLINE void chroma_and_hue(lab_t x, lab_t y, ptrdiff_t i, ciede2000_steps *at)
{
    const real a1 = at->a_scale[i] * x.a, b1 = x.b;                           /* (5) */
    const real a2 = at->a_scale[i] * y.a, b2 = y.b;
    const real C1 = chroma(a1, b1), C2 = chroma(a2, b2);                      /* (6) */
    at->dC[i] = C2 - C1;                                                      /* (9) */
    at->C_mean[i] = R(0.5) * (C1 + C2);                                       /* (13) */

    const real dot = a1 * a2 + b1 * b2;
    const real cross = cross_product(x.a, x.b, y.a, y.b), turn = shorter_turn(cross, x);
    at->dH[i] = turn * hue_difference(C1, C2, dot, at->a_scale[i] * cross);   /* (7), (10), (11) */

    /* The mean hue (14) is the direction of the sum of the unit vectors of the two hues, here both
     * times C1 C2; of their difference, turned by 90 degrees, where they point apart and the sum
     * would cancel. A neutral colour has no hue, and the mean is that of the other colour. */
    const real w1 = C2 > 0 ? C2 : 1, w2 = C1 > 0 ? C1 : 1;
    const real u1 = w1 * a1, v1 = w1 * b1, u2 = w2 * a2, v2 = w2 * b2;
    at->u[i] = dot < 0 ? turn * (v2 - v1) : u1 + u2;
    at->v[i] = dot < 0 ? turn * (u1 - u2) : v1 + v2;
}

INLINE void functions_of_hue(ptrdiff_t i, ciede2000_steps *at)
{
    const real u = at->u[i], v = at->v[i];
    const real per_length = 1 / square_root(u * u + v * v + TINY);
    const real c1 = u * per_length, s1 = v * per_length; /* cos and sin of h, 2h, 3h, 4h */
    const real c2 = c1 * c1 - s1 * s1, s2 = 2 * c1 * s1;
    const real c3 = c1 * c2 - s1 * s2, s3 = s1 * c2 + c1 * s2;
    const real c4 = c2 * c2 - s2 * s2, s4 = 2 * c2 * s2;

    at->T[i] = 1                                                              /* (15) */
        - R(0.17) * (c1 * R(0.8660254037844386) + s1 * R(0.5))                /* cos(h - 30) */
        + R(0.24) * c2                                                        /* cos(2h) */
        + R(0.32) * (c3 * R(0.9945218953682733) - s3 * R(0.10452846326765347)) /* cos(3h + 6) */
        - R(0.20) * (c4 * R(0.4539904997395468) + s4 * R(0.8910065241883679)); /* cos(4h - 63) */

    /* h - 275 degrees. For hues in [0, 90] the paper's difference lies beyond -180 degrees, and not
     * at the same angle less a whole turn; there Δθ vanishes, as it does opposite 275 degrees. */
    const real cosine = c1 * R(0.08715574274765817) - s1 * R(0.9961946980917455);
    at->cos_h_275[i] = ((c1 >= 0) & (s1 >= 0)) ? -1 : cosine;
}

/* exp(-((h - 275) / 25)^2), from the cosine of h - 275 degrees. For float its logarithm is a
 * polynomial in w = sin((h - 275) / 2)^2, a fit that keeps the bump itself to 5e-8. */
INLINE real hue_bump(real cosine)
{
#ifdef DDE_DOUBLE
    return exponential(-5.25249016001879 * squared_angle(cosine)); /* (180 / 25 pi)^2 */
#else
    const real w = R(0.5) - R(0.5) * cosine;
    return power_of_2(-w * POLYNOMIAL(w, 30.31099076f, 10.10146298f, 5.443777951f, 2.932796805f,
                                      4.446083613f));
#endif
}

INLINE void rotation(ptrdiff_t i, ciede2000_steps *at)
{
    /* (16): Δθ = 30 exp(-((h - 275) / 25)^2) degrees. The smallest of numbers is added so that no
     * power of the bump is subnormal: slow to compute. */
    const real bump = hue_bump(at->cos_h_275[i]) + NEGLIGIBLE;
    const real two_dtheta = R(1.0471975511965976) * bump;                     /* 2 · 30 degrees */
    const real R_C = 2 * high_chroma(at->C_mean[i]);                          /* (17) */
    at->R_T[i] = -sine(two_dtheta) * R_C;                                     /* (21) */
}

INLINE weighted_t weighted(lab_t x, lab_t y, const double k[3], ptrdiff_t i,
                           const ciede2000_steps *at)
{
    const real kL = (real)k[0], kC = (real)k[1], kH = (real)k[2];
    const real dL = y.L - x.L;                                                /* (8) */
    const real L_mean = R(0.5) * (x.L + y.L);                                 /* (12) */
    const real L50 = (L_mean - 50) * (L_mean - 50);

    const real S_L = 1 + R(0.015) * L50 / square_root(20 + L50);              /* (18) */
    const real S_C = 1 + R(0.045) * at->C_mean[i];                            /* (19) */
    const real S_H = 1 + R(0.015) * at->C_mean[i] * at->T[i];                 /* (20) */

    return (weighted_t){dL / (kL * S_L), at->dC[i] / (kC * S_C), at->dH[i] / (kH * S_H)};
}

INLINE real weighted_sum(weighted_t w, real R_T)
{
    return square_root(magnitude(w.l * w.l + w.c * w.c + w.h * w.h + R_T * w.c * w.h)); /* (22) */
}

/* All but the last step. */
INLINE void ciede2000_forward(ptrdiff_t count, const real *restrict lab1, const real *restrict lab2,
                              ciede2000_steps *at)
{
    FOR_EACH_COLOUR(i, count)
        at->a_scale[i] = scale_of_a(lab_at(lab1, i), lab_at(lab2, i));
    FOR_EACH_COLOUR(i, count)
        chroma_and_hue(lab_at(lab1, i), lab_at(lab2, i), i, at);
    FOR_EACH_COLOUR(i, count)
        functions_of_hue(i, at);
    FOR_EACH_COLOUR(i, count)
        rotation(i, at);
}

static void difference_ciede2000(const void *k, ptrdiff_t count, const void *planar1,
                                 const void *planar2, void *delta_e)
{
    const real *restrict lab1 = planar1, *restrict lab2 = planar2;
    real *restrict dE = delta_e;
    ciede2000_steps at;

    ciede2000_forward(count, lab1, lab2, &at);
    FOR_EACH_COLOUR(i, count)
    {
        const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);
        dE[i] = weighted_sum(weighted(x, y, k, i, &at), at.R_T[i]) + nan_unless_finite(x.L, x.a, x.b) +
                nan_unless_finite(y.L, y.a, y.b);
    }
}

#endif
