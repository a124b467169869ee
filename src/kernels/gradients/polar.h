/* What the gradients of the formulas share: back from a difference to chroma and hue, and from there
 * to a* and b*.
 *
 * A derivative is taken as 0 where there is none: that of a chroma and of a hue at a neutral colour,
 * that of |x| at 0, that of a difference at equal colours, that of the mean hue between opposite hues.
 */
#ifndef DDE_GRADIENTS_POLAR_H
#define DDE_GRADIENTS_POLAR_H

#include "base/colour.h"

typedef struct { lab_t x, y; } lab_pair_t;
typedef struct { real a, b; } plane_t;

INLINE real inverse_or_0(real x) { return x > 0 ? 1 / x : 0; }

INLINE real sign(real x) { return (real)(x > 0) - (real)(x < 0); }

/* d sqrt(S) / dS times g, S being the square of the difference dE. */
INLINE real back_through_root(real g, real dE) { return dE > 0 ? R(0.5) * g / dE : 0; }

/* |ΔH|, and K = sqrt(C1 C2) cos(Δh / 2), which is its derivative by either hue:
 *     |ΔH| = 2 sqrt(C1 C2) |sin(Δh / 2)|:  ∂|ΔH|/∂C1 = |ΔH| / (2 C1),  ∂|ΔH|/∂h1 = -turn K,
 * turn being the sign of sin Δh. `hue_difference` says why nothing cancels. */
typedef struct { real dH, K; } hue_t;

INLINE hue_t hue_terms(real C1, real C2, real dot, real cross)
{
    const real half_or_all = dot >= 0 ? R(0.5) * (C1 * C2 + dot) : 2 * (C1 * C2 - dot);
    const real root = square_root(half_or_all + TINY), quotient = magnitude(cross) / root;
    return dot >= 0 ? (hue_t){quotient, root} : (hue_t){root, quotient};
}

/* From derivatives by chroma and hue to those by a* and b* of the colour (a, b). */
INLINE plane_t from_polar(real a, real b, real C, real g_C, real g_h)
{
    const real per_C = inverse_or_0(C), u = a * per_C, v = b * per_C, g_arc = g_h * per_C;
    return (plane_t){g_C * u - g_arc * v, g_C * v + g_arc * u};
}

/* Of a neutral colour, what is left of ΔH^2 = 2 (C1 C2 - a1 a2 - b1 b2), whose derivative by
 * (a1, b1) is -2 (a2, b2): without it a neutral colour would not know which way the other lies. */
INLINE plane_t and_if_neutral(plane_t g, real C, real g_dH_squared, real a_other, real b_other)
{
    const real pull = C > 0 ? 0 : -2 * g_dH_squared;
    return (plane_t){g.a + pull * a_other, g.b + pull * b_other};
}

#endif
