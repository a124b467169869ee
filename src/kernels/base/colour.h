/* A colour in the arithmetic of the kernels, and what several formulas share. */
#ifndef DDE_COLOUR_H
#define DDE_COLOUR_H

#include "base/elementary.h"

typedef struct { real L, a, b; } lab_t;
typedef struct { real x, y, z; } triple_t;

/* The differences of lightness, chroma and hue from the first colour to the second, each over its
 * weight. */
typedef struct { real l, c, h; } weighted_t;

INLINE real length_of(weighted_t w) { return square_root(w.l * w.l + w.c * w.c + w.h * w.h); }

INLINE real chroma(real a, real b) { return square_root(a * a + b * b); }

/* The size of the hue difference, |ΔH| = 2 sqrt(C1 C2) |sin(Δh / 2)|, of two colours (a1, b1) and
 * (a2, b2), from their chromas and
 *     dot = a1 a2 + b1 b2 = C1 C2 cos Δh,    cross = a1 b2 - a2 b1 = C1 C2 sin Δh:
 *     |ΔH| = |cross| / sqrt((C1 C2 + dot) / 2)    where dot >= 0,
 *     |ΔH| = sqrt(2 (C1 C2 - dot))                where dot < 0,
 * neither of which cancels, so that a tiny ΔH is right to the last digits. */
INLINE real hue_difference(real C1, real C2, real dot, real cross)
{
    const real half_or_all = dot >= 0 ? R(0.5) * (C1 * C2 + dot) : 2 * (C1 * C2 - dot);
    const real root = square_root(half_or_all + TINY); /* not 0 for neutral colours */
    return dot >= 0 ? magnitude(cross) / root : root;
}

#endif
