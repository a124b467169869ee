/* Oklab: B. Ottosson, "A perceptual color space for image processing" (2020). Between the two
 * matrices M1 and M2 of its definition stands a cube root that keeps the sign. */
#ifndef DDE_OKLAB_H
#define DDE_OKLAB_H

#include "base/colour.h"

INLINE real signed_cube_root(real x)
{
    const sum_t root = cube_root(magnitude(x));
    return x < 0 ? -(root.value + root.rest) : root.value + root.rest;
}

INLINE real cube(real x) { return x * x * x; }

#endif
