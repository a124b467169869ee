/* FLIP: P. Andersson et al., "FLIP: a difference evaluator for alternating images", Proceedings of
 * the ACM on Computer Graphics and Interactive Techniques 3 (2020), number 2, article 15.
 *
 * Channels 0 to 2 are Y, C_x and C_z of YC_xC_z as the contrast sensitivity of the eye leaves them,
 * Y without its -16; 3 and 4 the derivatives of Y across and down, 5 and 6 the second ones. */
#ifndef DDE_FLIP_H
#define DDE_FLIP_H

#include "base/tile.h"
#include "spaces/cielab.h"
#include "spaces/conversions.h"

/* Section 4.1.4: what is below the share p_c of the largest difference is spread over [0, p_t]. */
#define FLIP_Q_C R(0.7)
#define FLIP_P_C R(0.4)
#define FLIP_P_T R(0.95)

INLINE real within_0_and_1(real x) { return between(x, 0, 1); }

/* x^p for x >= 0 and p >= 0; 0 for the smallest x. */
INLINE real flip_power(real x, real p)
{
    const real power = exponential(p * natural_logarithm(x > TINY ? x : 1));
    return x > TINY ? power : 0;
}

/* Filtered YC_xC_z to CIELAB, in which chroma counts the less the darker it is (Hunt). */
INLINE lab_t hunt_adjusted(const real *planar, ptrdiff_t i, matrix_t to_rgb, matrix_t to_xyz)
{
    const triple_t filtered = {planar[i], planar[i + TILE], planar[i + 2 * TILE]};
    const triple_t rgb = times(to_rgb, filtered);
    const triple_t clamped = {within_0_and_1(rgb.x), within_0_and_1(rgb.y), within_0_and_1(rgb.z)};
    const triple_t lab = relative_xyz_to_lab(times(to_xyz, clamped));
    /* Sums, and not products, which could be fused into the differences of two equal colours. */
    const real hunt = R(0.01) * lab.x;
    return (lab_t){lab.x, multiply_add(hunt, lab.y, 0), multiply_add(hunt, lab.z, 0)};
}

INLINE real length(real x, real y) { return square_root(multiply_add(x, x, y * y)); }

/* Section 4.1.4: HyAB to the power q_c, onto [0, 1]; `largest` is that of green and blue. */
INLINE real flip_colour_difference(lab_t x, lab_t y, real largest)
{
    const real hyab = magnitude(y.L - x.L) + length(y.a - x.a, y.b - x.b);
    const real power = flip_power(hyab / largest, FLIP_Q_C); /* its share of c_max */
    const real low = FLIP_P_T / FLIP_P_C * power;
    const real high = FLIP_P_T + (power - FLIP_P_C) * ((1 - FLIP_P_T) / (1 - FLIP_P_C));
    return power < FLIP_P_C ? low : high;
}

/* Section 4.2: the stronger of the differences of edges and of points, to the power 1/2. */
INLINE real flip_feature_difference(const real *x, const real *y, ptrdiff_t i)
{
    const real edge = magnitude(length(y[i + 3 * TILE], y[i + 4 * TILE]) -
                                length(x[i + 3 * TILE], x[i + 4 * TILE]));
    const real point = magnitude(length(y[i + 5 * TILE], y[i + 6 * TILE]) -
                                 length(x[i + 5 * TILE], x[i + 6 * TILE]));
    return square_root((edge > point ? edge : point) * R(0.7071067811865476));
}

/* Parameters: YC_xC_z to linear RGB [9], that to XYZ relative to the white [9], the HyAB of green
 * and blue after the Hunt adjustment. */
static void difference_flip(const void *parameters, ptrdiff_t count, const void *planar1,
                            const void *planar2, void *delta_e)
{
    const double *p = parameters;
    const real *restrict one = planar1, *restrict two = planar2;
    real *restrict difference = delta_e;
    const matrix_t to_rgb = matrix_from(p), to_xyz = matrix_from(p + 9);
    const real largest = (real)p[18];
    FOR_EACH_COLOUR(i, count)
    {
        const lab_t x = hunt_adjusted(one, i, to_rgb, to_xyz);
        const lab_t y = hunt_adjusted(two, i, to_rgb, to_xyz);
        const real colour = flip_colour_difference(x, y, largest);
        const real feature = flip_feature_difference(one, two, i);
        const real flip = flip_power(colour, 1 - (feature < 1 ? feature : 1));
        difference[i] = flip + nan_unless_finite(one[i], one[i + TILE], one[i + 2 * TILE]) +
                        nan_unless_finite(two[i], two[i + TILE], two[i + 2 * TILE]) +
                        nan_unless_finite(feature, 0, 0);
    }
}

#endif
