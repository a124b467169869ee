/* The steps that ways between spaces are made of: see dde/spaces/space.py. */
#ifndef DDE_STEPS_H
#define DDE_STEPS_H

#include "spaces/camera.h"
#include "spaces/ciecam.h"
#include "spaces/cieluv.h"
#include "spaces/conversions.h"
#include "spaces/din99.h"
#include "spaces/hct.h"
#include "spaces/jzazbz.h"
#include "spaces/loops.h"
#include "spaces/polar.h"
#include "spaces/rgb_curves.h"

/* A curve that is applied to each coordinate alone. */
#define CURVE(curve) ((triple_t){curve(t.x), curve(t.y), curve(t.z)})
#define CURVE_WITH(k, curve) ((triple_t){curve(k, t.x), curve(k, t.y), curve(k, t.z)})

#define PQ_ENCODE(x) pq_encode(m2, scale, x)
#define PQ_DECODE(x) pq_decode(m2, scale, x)
#define POWER(x) signed_power(x, y)

TILE_CONVERSION(toe_decode, const toe_t k = toe_from(p), CURVE_WITH(k, toe_decode))
TILE_CONVERSION(toe_encode, const toe_t k = toe_from(p), CURVE_WITH(k, toe_encode))
TILE_CONVERSION(pq_decode, const real m2 = (real)p[0]; const real scale = (real)p[1],
                CURVE(PQ_DECODE))
TILE_CONVERSION(pq_encode, const real m2 = (real)p[0]; const real scale = (real)p[1],
                CURVE(PQ_ENCODE))
TILE_CONVERSION(hlg_decode, const real scale = (real)p[0], CURVE_WITH(scale, hlg_decode))
TILE_CONVERSION(hlg_encode, const real scale = (real)p[0], CURVE_WITH(scale, hlg_encode))
TILE_CONVERSION(power, const real y = (real)p[0], CURVE(POWER))
TILE_CONVERSION(xyz_to_luv, const luv_white_t n = luv_white_from(p), xyz_to_luv(n, t))
TILE_CONVERSION(luv_to_xyz, const luv_white_t n = luv_white_from(p), luv_to_xyz(n, t))
TILE_CONVERSION(polar, (void)p, polar(t))
TILE_CONVERSION(cartesian, (void)p, cartesian(t))
TILE_CONVERSION(cones_to_cam, const viewing_t k = viewing_from(p), cones_to_cam(k, t))
TILE_CONVERSION(cam_to_cones, const viewing_t k = viewing_from(p), cam_to_cones(k, t))
TILE_CONVERSION(cam_to_ucs, const ucs_t k = ucs_from(p), cam_to_ucs(k, t))
TILE_CONVERSION(ucs_to_cam, const ucs_t k = ucs_from(p), ucs_to_cam(k, t))
TILE_CONVERSION(izazbz_to_jzazbz, (void)p, izazbz_to_jzazbz(t))
TILE_CONVERSION(jzazbz_to_izazbz, (void)p, jzazbz_to_izazbz(t))
TILE_CONVERSION(lab_to_din99, const din99_t k = din99_from(p), lab_to_din99(k, t))
TILE_CONVERSION(din99_to_lab, const din99_t k = din99_from(p), din99_to_lab(k, t))
TILE_CONVERSION(root_polynomial_2, (void)0, root_polynomial_2(p, t))
TILE_CONVERSION(root_polynomial_3, (void)0, root_polynomial_3(p, t))
TILE_CONVERSION(root_polynomial_4, (void)0, root_polynomial_4(p, t))

/* HCT by the steps above, which each take the whole tile: their code is there once. The parameters are
 * theirs, of the viewing and then of the matrix. */
static void convert_xyz_to_hct(const double *p, ptrdiff_t count, void *planar)
{
    const viewing_t k = viewing_from(p);
    real *restrict first = planar, *restrict second = first + TILE, *restrict third = second + TILE;
    real Y[TILE];

    memcpy(Y, second, sizeof Y);
    convert_linear(p + 7, count, planar);
    convert_cones_to_cam(p, count, planar);
    FOR_EACH_COLOUR(i, count)
    {
        const triple_t cam = {first[i], second[i], third[i]};
        const triple_t hct = cam_and_y_to_hct(k, cam, Y[i]);
        const real nan = nan_unless_finite(cam.x, cam.y, cam.z);
        first[i] = hct.x + nan;
        second[i] = hct.y + nan;
        third[i] = hct.z + nan;
    }
}

/* XYZ of where the search is. */
static void xyz_reached(const double *p, ptrdiff_t count, const hct_search *at, real *planar)
{
    FOR_EACH_COLOUR(i, count)
    {
        const triple_t cam = reached(i, at);
        planar[i] = cam.x;
        planar[i + TILE] = cam.y;
        planar[i + 2 * TILE] = cam.z;
    }
    convert_cam_to_cones(p, count, planar);
    convert_linear(p + 7, count, planar);
}

static void convert_hct_to_xyz(const double *p, ptrdiff_t count, void *planar)
{
    const viewing_t k = viewing_from(p);
    real *restrict first = planar, *restrict second = first + TILE, *restrict third = second + TILE;
    hct_search at;

    FOR_EACH_COLOUR(i, count)
        begin_search(k, (triple_t){first[i], second[i], third[i]}, i, &at);
    for (int step = 0; step < HCT_STEPS; step++) {
        xyz_reached(p, count, &at, planar);
        FOR_EACH_COLOUR(i, count)
            improve(second[i], i, &at);
    }
    xyz_reached(p, count, &at, planar);
}

#endif
