/* The gradients of the conversions: from the derivatives by what a conversion gives to those by the
 * colour that it is given, the transpose of its Jacobian. What follows reads from the last step of a
 * conversion back to its first; the parameters are those of the conversion.
 *
 * A derivative is taken as 0 where there is none: that of a cube root at 0, in Oklab, and that of sRGB
 * outside [0, 1], where it is clipped. */
#ifndef DDE_GRADIENTS_CONVERSIONS_H
#define DDE_GRADIENTS_CONVERSIONS_H

#include "spaces/conversions.h"

INLINE triple_t times_transposed(matrix_t matrix, triple_t g)
{
    const real *m = matrix.m;
    return (triple_t){m[0] * g.x + m[3] * g.y + m[6] * g.z, m[1] * g.x + m[4] * g.y + m[7] * g.z,
                      m[2] * g.x + m[5] * g.y + m[8] * g.z};
}

INLINE triple_t each_times(triple_t x, triple_t y)
{
    return (triple_t){x.x * y.x, x.y * y.y, x.z * y.z};
}

#define EACH(function, t) ((triple_t){function((t).x), function((t).y), function((t).z)})

INLINE real cielab_f_slope(real t)
{
    const real r = inverse_cube_root(t, HOUSEHOLDER_STEPS);
    return t > DELTA_CUBED ? r * r * (R(1.0) / 3) : SLOPE;
}

INLINE real cielab_f_inverse_slope(real f) { return f > DELTA ? 3 * f * f : 1 / SLOPE; }

INLINE real cube_root_slope(real x)
{
    const real r = inverse_cube_root(magnitude(x), HOUSEHOLDER_STEPS);
    return magnitude(x) > TINY ? r * r * (R(1.0) / 3) : 0;
}

INLINE real cube_slope(real x) { return 3 * x * x; }

INLINE real srgb_decode_slope(real value)
{
    const real x = (value + R(0.055)) * (R(1.0) / R(1.055));
    const real power = x * power_two_fifths(x) * (R(2.4) / R(1.055));
    const real inside = value > R(0.04045) ? power : 1 / R(12.92);
    return ((value >= 0) & (value <= 1)) ? inside : 0;
}

INLINE real srgb_encode_slope(real light)
{
    const real above = light > R(0.0031308) ? light : R(0.0031308);
    const real power = (srgb_encode(above) + R(0.055)) / above;
    return light > R(0.0031308) ? power * (1 / R(2.4)) : R(12.92);
}

INLINE triple_t back_from_lab(triple_t relative_xyz, triple_t g)
{
    const triple_t by_f = {500 * g.y, 116 * g.x - 500 * g.y + 200 * g.z, -200 * g.z};
    return each_times(EACH(cielab_f_slope, relative_xyz), by_f);
}

INLINE triple_t back_from_relative_xyz(triple_t lab, triple_t g)
{
    const real fy = (lab.x + 16) * (R(1.0) / 116);
    const triple_t f = {fy + lab.y * R(0.002), fy, fy - lab.z * R(0.005)};
    const triple_t by_f = each_times(EACH(cielab_f_inverse_slope, f), g);
    return (triple_t){(by_f.x + by_f.y + by_f.z) * (R(1.0) / 116), by_f.x * R(0.002),
                      -by_f.z * R(0.005)};
}

INLINE real clipped(real value) { return value < 0 ? 0 : value > 1 ? 1 : value; }

INLINE triple_t linear_rgb(triple_t t)
{
    const triple_t inside = EACH(clipped, t);
    return decoded(inside);
}

/* The gradient `expression` at the colour t, of the derivatives g, which it replaces. */
#define CONVERSION_GRADIENT(name, preparation, expression)                                       \
    static void gradient_of_##name(const double *p, ptrdiff_t count, const void *planar,         \
                                   void *planar_gradient)                                        \
    {                                                                                            \
        const real *restrict from = planar;                                                      \
        real *restrict first = planar_gradient, *restrict second = first + TILE,                 \
             *restrict third = second + TILE;                                                    \
        preparation;                                                                             \
        FOR_EACH_COLOUR(i, count)                                                                \
        {                                                                                        \
            const triple_t t = {from[i], from[i + TILE], from[i + 2 * TILE]};                    \
            const triple_t g = {first[i], second[i], third[i]};                                  \
            const triple_t by = expression;                                                      \
            const real nan = nan_unless_finite(t.x, t.y, t.z);                                   \
            first[i] = by.x + nan;                                                               \
            second[i] = by.y + nan;                                                              \
            third[i] = by.z + nan;                                                               \
        }                                                                                        \
    }

#define ONE_MATRIX const matrix_t M = matrix_from(p)
#define TWO_MATRICES const matrix_t M1 = matrix_from(p); const matrix_t M2 = matrix_from(p + 9)
#define ONE_WHITE const triple_t white = triple_from(p)

CONVERSION_GRADIENT(linear, ONE_MATRIX, times_transposed(M, g))
CONVERSION_GRADIENT(xyz_to_lab, ONE_WHITE,
                    over_white(back_from_lab(over_white(t, white), g), white))
CONVERSION_GRADIENT(lab_to_xyz, ONE_WHITE, back_from_relative_xyz(t, times_white(g, white)))
CONVERSION_GRADIENT(srgb_to_xyz, ONE_MATRIX,
                    each_times(EACH(srgb_decode_slope, t), times_transposed(M, g)))
CONVERSION_GRADIENT(
    srgb_to_lab, ONE_MATRIX,
    each_times(EACH(srgb_decode_slope, t),
               times_transposed(M, back_from_lab(times(M, linear_rgb(t)), g))))
CONVERSION_GRADIENT(xyz_to_srgb, ONE_MATRIX,
                    times_transposed(M, each_times(EACH(srgb_encode_slope, times(M, t)), g)))
CONVERSION_GRADIENT(
    xyz_to_oklab, TWO_MATRICES,
    times_transposed(M1, each_times(EACH(cube_root_slope, times(M1, t)), times_transposed(M2, g))))
CONVERSION_GRADIENT(
    oklab_to_xyz, TWO_MATRICES,
    times_transposed(M1, each_times(EACH(cube_slope, times(M1, t)), times_transposed(M2, g))))

#endif
