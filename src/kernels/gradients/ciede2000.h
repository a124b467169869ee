/* The gradient of CIEDE2000: the steps of differences/ciede2000.h, and then back through them. Numbers
 * in brackets are the equations of its paper; g_X is the derivative of the result by X. */
#ifndef DDE_GRADIENTS_CIEDE2000_H
#define DDE_GRADIENTS_CIEDE2000_H

#include "differences/ciede2000.h"
#include "gradients/gradients.h"

/* What the way back hands on, for each pair of a tile. */
typedef struct {
    real dL[TILE], L_mean[TILE], dC[TILE], dH[TILE], dH_squared[TILE]; /* the derivatives by them */
    real C_mean[TILE], T[TILE], R_T[TILE], h_mean[TILE];
} ciede2000_gradients;

/* The derivative of high_chroma: of sqrt(C^7 / (C^7 + 25^7)). */
INLINE real high_chroma_slope(real C)
{
    const real x = C * R(0.04), x2 = x * x, x7 = x2 * x2 * x2 * x;
    return R(3.5) * square_root(x7 / (x7 + 1)) / (x7 + 1) * inverse_or_0(C);
}

INLINE void back_through_sum(lab_t x, lab_t y, const double k[3], real g, ptrdiff_t i,
                             const ciede2000_steps *at, ciede2000_gradients *by)
{
    const real kL = (real)k[0], kC = (real)k[1], kH = (real)k[2];
    const real L_mean = R(0.5) * (x.L + y.L);
    const real L50 = (L_mean - 50) * (L_mean - 50), per_root = 1 / square_root(20 + L50);
    const real S_L = 1 + R(0.015) * L50 * per_root;                           /* (18) */
    const real S_C = 1 + R(0.045) * at->C_mean[i];                            /* (19) */
    const real S_H = 1 + R(0.015) * at->C_mean[i] * at->T[i];                 /* (20) */

    const real per_L = 1 / (kL * S_L), per_C = 1 / (kC * S_C), per_H = 1 / (kH * S_H);
    const real l = (y.L - x.L) * per_L, c = at->dC[i] * per_C, h = at->dH[i] * per_H;
    const real S = magnitude(l * l + c * c + h * h + at->R_T[i] * c * h);     /* (22) */
    const real g_S = back_through_root(g, square_root(S));
    const real g_l = 2 * g_S * l;
    const real g_c = g_S * (2 * c + at->R_T[i] * h), g_h = g_S * (2 * h + at->R_T[i] * c);

    by->dL[i] = g_l * per_L;
    by->dC[i] = g_c * per_C;
    by->dH[i] = g_h * per_H;
    by->dH_squared[i] = g_S * per_H * per_H;
    by->R_T[i] = g_S * c * h;
    const real g_S_L = -g_l * l / S_L, g_S_C = -g_c * c / S_C, g_S_H = -g_h * h / S_H;
    by->L_mean[i] = g_S_L * R(0.03) * (L_mean - 50) * (20 + R(0.5) * L50) *
                    (per_root * per_root * per_root);
    by->C_mean[i] = R(0.045) * g_S_C + R(0.015) * at->T[i] * g_S_H;
    by->T[i] = R(0.015) * at->C_mean[i] * g_S_H;
}

/* (16), (17), (21): R_T = -sin(2Δθ) R_C. The derivative by the hue waits in `h_mean`. */
INLINE void back_through_rotation(ptrdiff_t i, const ciede2000_steps *at, ciede2000_gradients *by)
{
    const real squared = squared_angle(at->cos_h_275[i]);
    const real bump = exponential(-R(5.25249016001879) * squared) + NEGLIGIBLE;
    const real sin_2dtheta = sine(R(1.0471975511965976) * bump);
    const real cos_2dtheta = square_root(1 - sin_2dtheta * sin_2dtheta);
    const real C_mean = at->C_mean[i];
    by->C_mean[i] -= by->R_T[i] * sin_2dtheta * 2 * high_chroma_slope(C_mean);
    const real g_2dtheta = -by->R_T[i] * cos_2dtheta * 2 * high_chroma(C_mean);
    /* |h - 275| here; its sign follows where the sine of it is at hand. */
    const real slope = -R(1.0471975511965976) * bump * (2 * R(5.25249016001879));
    by->h_mean[i] = g_2dtheta * slope * square_root(squared);
}

/* (15), and the sign of h - 275 degrees. */
INLINE void back_through_hue(ptrdiff_t i, const ciede2000_steps *at, ciede2000_gradients *by)
{
    const real u = at->u[i], v = at->v[i];
    const real per_length = 1 / square_root(u * u + v * v + TINY);
    const real c1 = u * per_length, s1 = v * per_length;
    const real c2 = c1 * c1 - s1 * s1, s2 = 2 * c1 * s1;
    const real c3 = c1 * c2 - s1 * s2, s3 = s1 * c2 + c1 * s2;
    const real c4 = c2 * c2 - s2 * s2, s4 = 2 * c2 * s2;
    const real slope = R(0.17) * (s1 * R(0.8660254037844386) - c1 * R(0.5))
        - R(0.48) * s2
        - R(0.96) * (s3 * R(0.9945218953682733) + c3 * R(0.10452846326765347))
        + R(0.80) * (s4 * R(0.4539904997395468) - c4 * R(0.8910065241883679));
    const real sin_h_275 = s1 * R(0.08715574274765817) + c1 * R(0.9961946980917455);
    const real signed_bump = sin_h_275 < 0 ? -by->h_mean[i] : by->h_mean[i];
    by->h_mean[i] = by->T[i] * slope + signed_bump;
}

/* (2) to (14): to L*, a* and b*. */
INLINE lab_pair_t back_to_lab(lab_t x, lab_t y, ptrdiff_t i, const ciede2000_steps *at,
                              const ciede2000_gradients *by)
{
    const real scale = at->a_scale[i];
    const real a1 = scale * x.a, b1 = x.b, a2 = scale * y.a, b2 = y.b;
    const real C1 = chroma(a1, b1), C2 = chroma(a2, b2);
    const real dot = a1 * a2 + b1 * b2, cross = scale * cross_product(x.a, x.b, y.a, y.b);

    const real g_turn = by->dH[i] * hue_terms(C1, C2, dot, cross).K;
    const real g_mean = ((cross == 0) & (dot < 0)) ? 0 : R(0.5) * by->h_mean[i];
    const real radial = R(0.5) * by->dH[i] * at->dH[i], g_C = R(0.5) * by->C_mean[i];
    const plane_t g1 = and_if_neutral(
        from_polar(a1, b1, C1, g_C - by->dC[i] + radial * inverse_or_0(C1), g_mean - g_turn), C1,
        by->dH_squared[i], a2, b2);
    const plane_t g2 = and_if_neutral(
        from_polar(a2, b2, C2, g_C + by->dC[i] + radial * inverse_or_0(C2), g_mean + g_turn), C2,
        by->dH_squared[i], a1, b1);

    const real C1_ab = chroma(x.a, x.b), C2_ab = chroma(y.a, y.b);
    const real g_scale = g1.a * x.a + g2.a * y.a;
    const real g_C_ab = -R(0.25) * g_scale * high_chroma_slope(R(0.5) * (C1_ab + C2_ab));
    const plane_t from1 = from_polar(x.a, x.b, C1_ab, g_C_ab, 0);
    const plane_t from2 = from_polar(y.a, y.b, C2_ab, g_C_ab, 0);
    const real g_L = R(0.5) * by->L_mean[i];
    return (lab_pair_t){{g_L - by->dL[i], scale * g1.a + from1.a, g1.b + from1.b},
                        {g_L + by->dL[i], scale * g2.a + from2.a, g2.b + from2.b}};
}

static void gradient_ciede2000(const void *k, ptrdiff_t count, const void *planar1,
                               const void *planar2, const void *upstream, void *gradient1,
                               void *gradient2)
{
    const real *restrict lab1 = planar1, *restrict lab2 = planar2, *restrict g = upstream;
    ciede2000_steps at;
    ciede2000_gradients by;

    ciede2000_forward(count, lab1, lab2, &at);
    FOR_EACH_COLOUR(i, count)
        back_through_sum(lab_at(lab1, i), lab_at(lab2, i), k, g[i], i, &at, &by);
    FOR_EACH_COLOUR(i, count)
        back_through_rotation(i, &at, &by);
    FOR_EACH_COLOUR(i, count)
        back_through_hue(i, &at, &by);
    FOR_EACH_COLOUR(i, count)
    {
        const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);
        put_gradients(back_to_lab(x, y, i, &at, &by), x, y, i, gradient1, gradient2);
    }
}

#endif
