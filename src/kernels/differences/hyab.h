/* HyAB, for large differences: S. Abasi, M. Amani Tehran, M. D. Fairchild, "Distance metrics for
 * very large color differences", Color Research and Application 45 (2020) 208-223. */
#ifndef DDE_HYAB_H
#define DDE_HYAB_H

#include "base/colour.h"

INLINE real hyab(lab_t x, lab_t y, const double *k)
{
    (void)k;
    return magnitude(y.L - x.L) + chroma(y.a - x.a, y.b - x.b);
}

#endif
