/* The loops over a tile around the formulas that are one function of a pair; ciede2000.h has loops
 * of its own. */
#ifndef DDE_DIFFERENCES_H
#define DDE_DIFFERENCES_H

#include "base/tile.h"
#include "differences/cie76.h"
#include "differences/cie94.h"
#include "differences/cmc.h"
#include "differences/hyab.h"

#define DIFFERENCE(name)                                                                     \
    static void difference_##name(const void *parameters, ptrdiff_t count,                   \
                                  const void *planar1, const void *planar2, void *delta_e)   \
    {                                                                                        \
        const real *restrict lab1 = planar1, *restrict lab2 = planar2;                       \
        real *restrict dE = delta_e;                                                         \
        FOR_EACH_COLOUR(i, count)                                                            \
        {                                                                                    \
            const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);                            \
            dE[i] = name(x, y, parameters) + nan_unless_finite(x.L, x.a, x.b) +              \
                    nan_unless_finite(y.L, y.a, y.b);                                        \
        }                                                                                    \
    }

DIFFERENCE(cie76)
DIFFERENCE(cie94)
DIFFERENCE(cmc)
DIFFERENCE(hyab)

#endif
