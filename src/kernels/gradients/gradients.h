/* The loops over a tile around the gradients of the formulas. */
#ifndef DDE_GRADIENTS_H
#define DDE_GRADIENTS_H

#include "base/tile.h"
#include "gradients/formulas.h"

INLINE void put_lab(lab_t lab, real nan, ptrdiff_t i, real *restrict planar)
{
    planar[i] = lab.L + nan;
    planar[i + TILE] = lab.a + nan;
    planar[i + 2 * TILE] = lab.b + nan;
}

/* A colour that is not finite gives NaN for both colours of its pair. */
INLINE void put_gradients(lab_pair_t by, lab_t x, lab_t y, ptrdiff_t i, real *restrict gradient1,
                          real *restrict gradient2)
{
    const real nan = nan_unless_finite(x.L, x.a, x.b) + nan_unless_finite(y.L, y.a, y.b);
    put_lab(by.x, nan, i, gradient1);
    put_lab(by.y, nan, i, gradient2);
}

#define GRADIENT(name)                                                                           \
    static void gradient_##name(const void *parameters, ptrdiff_t count, const void *planar1,    \
                                const void *planar2, const void *upstream, void *gradient1,      \
                                void *gradient2)                                                 \
    {                                                                                            \
        const real *restrict lab1 = planar1, *restrict lab2 = planar2, *restrict g = upstream;   \
        FOR_EACH_COLOUR(i, count)                                                                \
        {                                                                                        \
            const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);                                \
            put_gradients(gradient_of_##name(x, y, parameters, g[i]), x, y, i, gradient1,        \
                          gradient2);                                                            \
        }                                                                                        \
    }

GRADIENT(cie76)
GRADIENT(cie94)
GRADIENT(cmc)
GRADIENT(hyab)

#endif
