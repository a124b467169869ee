/* A camera's linear RGB to XYZ: G. D. Finlayson, M. Mackiewicz, A. Hurlbert, "Color correction using
 * root-polynomial regression", IEEE Transactions on Image Processing 24 (2015) 1460-1470. All terms
 * are of degree 1 in the exposure, so that it changes no hue. Noise below 0 has no root. */
#ifndef DDE_CAMERA_H
#define DDE_CAMERA_H

#include "base/transcendental.h"
#include "spaces/loops.h"

enum { ROOT_TERMS_2 = 6, ROOT_TERMS_3 = 13, ROOT_TERMS_4 = 22 };

/* XYZ of the terms: 3 rows of so many coefficients. */
INLINE triple_t weighted_terms(const double *p, const real *terms, int count)
{
    real x = 0, y = 0, z = 0;
    UNROLL for (int i = 0; i < count; i++) {
        x += (real)p[i] * terms[i];
        y += (real)p[count + i] * terms[i];
        z += (real)p[2 * count + i] * terms[i];
    }
    return (triple_t){x, y, z};
}

INLINE triple_t root_polynomial_2(const double *p, triple_t rgb)
{
    const real r = larger(rgb.x, 0), g = larger(rgb.y, 0), b = larger(rgb.z, 0);
    const real terms[] = {rgb.x, rgb.y, rgb.z,
                          square_root(r * g), square_root(g * b), square_root(r * b)};
    return weighted_terms(p, terms, ROOT_TERMS_2);
}

/* x^(1/3), 0 for 0 and below */
INLINE real third_root(real x)
{
    const sum_t root = cube_root(larger(x, TINY));
    return x > TINY ? root.value + root.rest : 0;
}

INLINE triple_t root_polynomial_3(const double *p, triple_t rgb)
{
    const real r = third_root(rgb.x), g = third_root(rgb.y), b = third_root(rgb.z);
    const real R2 = larger(rgb.x, 0), G2 = larger(rgb.y, 0), B2 = larger(rgb.z, 0);
    const real terms[] = {rgb.x, rgb.y, rgb.z,
                          square_root(R2 * G2), square_root(G2 * B2), square_root(R2 * B2),
                          r * g * g, g * b * b, r * b * b, g * r * r, b * g * g, b * r * r,
                          r * g * b};
    return weighted_terms(p, terms, ROOT_TERMS_3);
}

INLINE triple_t root_polynomial_4(const double *p, triple_t rgb)
{
    const real r = third_root(rgb.x), g = third_root(rgb.y), b = third_root(rgb.z);
    const real r2 = square_root(larger(rgb.x, 0)), g2 = square_root(larger(rgb.y, 0)),
               b2 = square_root(larger(rgb.z, 0));
    const real r4 = square_root(r2), g4 = square_root(g2), b4 = square_root(b2);
    const real terms[] = {rgb.x, rgb.y, rgb.z, r2 * g2, g2 * b2, r2 * b2,
                          r * g * g, g * b * b, r * b * b, g * r * r, b * g * g, b * r * r,
                          r * g * b,
                          r2 * r4 * g4, r2 * r4 * b4, g2 * g4 * r4, g2 * g4 * b4,
                          b2 * b4 * r4, b2 * b4 * g4, r2 * g4 * b4, g2 * r4 * b4, b2 * r4 * g4};
    return weighted_terms(p, terms, ROOT_TERMS_4);
}

#endif
