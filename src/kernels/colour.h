/* A colour in the arithmetic of the kernels, and what several formulas share. */
#ifndef DDE_COLOUR_H
#define DDE_COLOUR_H

#include "elementary.h"

typedef struct { real L, a, b; } lab_t;
typedef struct { real x, y, z; } triple_t;

INLINE real chroma(real a, real b) { return square_root(a * a + b * b); }

/* The hue difference ΔH of two colours (a1, b1), (a2, b2) of chroma C1, C2, with its sign, and
 * the dot product of the two, which the caller may need.
 *
 * By definition ΔH = 2 sqrt(C1 C2) sin(Δh / 2). With dot = C1 C2 cos Δh and cross = C1 C2 sin Δh,
 *     ΔH = cross / sqrt((C1 C2 + dot) / 2)           where dot >= 0,
 *     ΔH = ± 2 sqrt((C1 C2 - dot) / 2)               where dot < 0,
 * neither of which cancels. The cross product is taken through the mean and the difference of the
 * two colours: exactly 0 for equal colours, exactly opposite when they are swapped, with or
 * without a fused multiply-add. `turn` is the sign for dot < 0. */
INLINE real hue_difference(real a1, real b1, real C1, real a2, real b2, real C2, real turn)
{
    const real dot = a1 * a2 + b1 * b2;
    const real cross = R(0.5) * ((a1 + a2) * (b2 - b1) - (b1 + b2) * (a2 - a1));
    const real near = cross / square_root(maximum(R(0.5) * (C1 * C2 + dot), TINY));
    const real far = turn * square_root(2 * (C1 * C2 - dot));
    return dot < 0 ? far : near;
}

#endif
