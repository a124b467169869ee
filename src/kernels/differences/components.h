/* Differences with what they are made of: rows of ΔE, of the weighted differences of lightness, chroma
 * and hue from the first colour to the second, and, of CIEDE2000, of the rotation term of (22). The
 * squares of the three, and the rotation, add up to ΔE^2. */
#ifndef DDE_COMPONENTS_H
#define DDE_COMPONENTS_H

#include "differences/ciede2000.h"
#include "differences/differences.h"

/* The hue difference has the sign of the turn from the first hue to the second. */
#define COMPONENTS(name)                                                                     \
    static void components_##name(const void *parameters, ptrdiff_t count,                   \
                                  const void *planar1, const void *planar2, void *rows)      \
    {                                                                                        \
        const real *restrict lab1 = planar1, *restrict lab2 = planar2;                       \
        real *restrict dE = rows, *restrict dL = dE + TILE, *restrict dC = dL + TILE,        \
             *restrict dH = dC + TILE;                                                       \
        FOR_EACH_COLOUR(i, count)                                                            \
        {                                                                                    \
            const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);                            \
            const weighted_t w = weighted_##name(x, y, parameters);                          \
            const real nan = nan_unless_finite(x.L, x.a, x.b) +                              \
                             nan_unless_finite(y.L, y.a, y.b);                               \
            dE[i] = name(x, y, parameters) + nan;                                            \
            dL[i] = w.l + nan;                                                               \
            dC[i] = w.c + nan;                                                               \
            dH[i] = (cross_product(x.a, x.b, y.a, y.b) < 0 ? -w.h : w.h) + nan;              \
        }                                                                                    \
    }

COMPONENTS(cie76)
COMPONENTS(cie94)
COMPONENTS(cmc)

static void components_ciede2000(const void *k, ptrdiff_t count, const void *planar1,
                                 const void *planar2, void *rows)
{
    const real *restrict lab1 = planar1, *restrict lab2 = planar2;
    real *restrict dE = rows, *restrict dL = dE + TILE, *restrict dC = dL + TILE,
         *restrict dH = dC + TILE, *restrict rotation = dH + TILE;
    ciede2000_steps at;

    ciede2000_forward(count, lab1, lab2, &at);
    FOR_EACH_COLOUR(i, count)
    {
        const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);
        const weighted_t w = weighted(x, y, k, i, &at);
        const real nan = nan_unless_finite(x.L, x.a, x.b) + nan_unless_finite(y.L, y.a, y.b);
        dE[i] = weighted_sum(w, at.R_T[i]) + nan;
        dL[i] = w.l + nan;
        dC[i] = w.c + nan;
        dH[i] = w.h + nan;
        rotation[i] = at.R_T[i] * w.c * w.h + nan;
    }
}

#endif
