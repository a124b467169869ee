/* HyCH, for very large differences: S. Abasi, M. Amani Tehran, M. D. Fairchild, "Distance metrics for
 * very large color differences", Color Research and Application 45 (2020) 208-223: lightness apart
 * from chroma and hue, as HyAB, with the weights of CIEDE2000. */
#ifndef DDE_HYCH_H
#define DDE_HYCH_H

#include "differences/ciede2000.h"

static void difference_hych(const void *k, ptrdiff_t count, const void *planar1,
                            const void *planar2, void *delta_e)
{
    const real *restrict lab1 = planar1, *restrict lab2 = planar2;
    real *restrict dE = delta_e;
    ciede2000_steps at;

    FOR_EACH_COLOUR(i, count)
        at.a_scale[i] = scale_of_a(lab_at(lab1, i), lab_at(lab2, i));
    FOR_EACH_COLOUR(i, count)
        chroma_and_hue(lab_at(lab1, i), lab_at(lab2, i), i, &at);
    FOR_EACH_COLOUR(i, count)
        functions_of_hue(i, &at);
    FOR_EACH_COLOUR(i, count)
    {
        const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);
        const weighted_t w = weighted(x, y, k, i, &at);
        dE[i] = magnitude(w.l) + square_root(w.c * w.c + w.h * w.h) +
                nan_unless_finite(x.L, x.a, x.b) + nan_unless_finite(y.L, y.a, y.b);
    }
}

#endif
