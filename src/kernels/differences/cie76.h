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

/* In lightness, chroma and hue. */
INLINE weighted_t weighted_cie76(lab_t x, lab_t y, const double *k)
{
    (void)k;
    const real C1 = chroma(x.a, x.b), C2 = chroma(y.a, y.b);
    const real dot = x.a * y.a + x.b * y.b;
    const real cross = cross_product(x.a, x.b, y.a, y.b);
    return (weighted_t){y.L - x.L, C2 - C1, hue_difference(C1, C2, dot, cross)};
}

#endif
