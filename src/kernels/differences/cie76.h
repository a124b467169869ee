/* CIE76: the Euclidean distance in CIELAB. CIE 15:2018, equation (8.16). */
#ifndef DDE_CIE76_H
#define DDE_CIE76_H

#include "base/colour.h"

INLINE real cie76(lab_t x, lab_t y, const double *k)
{
    (void)k;
    const real dL = y.L - x.L, da = y.a - x.a, db = y.b - x.b;
    return square_root(dL * dL + da * da + db * db);
}

#endif
