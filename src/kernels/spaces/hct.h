/* HCT: hue and chroma of CAM16, tone L* of CIELAB. Google, Material Color Utilities (2021). Its
 * hue comes first: (h, C, T). XYZ has Y = 1 for the white.
 *
 * The way back seeks the J whose colour (J, C, h) has the luminance of T. In ln J and ln Y the two
 * are nearly in proportion, by 1.83, so that the secant method converges fast: over the gamut of Rec.
 * 2020 to 1e-12 of Y in HCT_STEPS steps. Each is worked off for a whole tile. */
#ifndef DDE_HCT_H
#define DDE_HCT_H

#include "base/tile.h"
#include "spaces/ciecam.h"
#include "spaces/cielab.h"

enum { HCT_STEPS = 8 };

/* J, a_M, b_M of CAM16, and Y. */
INLINE triple_t cam_and_y_to_hct(viewing_t k, triple_t cam, real Y)
{
    const sum_t f = cielab_f(Y);
    return (triple_t){angle_of(cam.y, cam.z), chroma(cam.y, cam.z) / k.M_per_C,
                      116 * f.value - 16 + 116 * f.rest};
}

/* The search, of all colours of a tile. */
typedef struct {
    real aM[TILE], bM[TILE];           /* M cos h, M sin h */
    real log_Y[TILE];                  /* sought */
    real log_J[TILE], last_log_J[TILE];
    real error[TILE], per_slope[TILE]; /* of the last log_J */
} hct_search;

INLINE void begin_search(viewing_t k, triple_t hct, ptrdiff_t i, hct_search *at)
{
    const direction_t h = direction_of(hct.x);
    const real M = hct.y * k.M_per_C, nan = nan_unless_finite(hct.x, hct.y, hct.z);
    const real Y = cielab_f_inverse((hct.z + 16) * (R(1.0) / 116));
    at->aM[i] = M * h.cos + nan;
    at->bM[i] = M * h.sin;
    at->log_Y[i] = logarithm(larger(Y, R(1e-12)));
    /* J of a grey of this luminance, nearly */
    at->log_J[i] = R(4.605170185988092) + at->log_Y[i] * R(0.545);
    at->last_log_J[i] = at->log_J[i];
    at->error[i] = 0;
    at->per_slope[i] = R(0.545);
}

/* J, a_M, b_M of where the search is. */
INLINE triple_t reached(ptrdiff_t i, const hct_search *at)
{
    const real J = exponential(larger(smaller(at->log_J[i], 20), -40));
    return (triple_t){J, at->aM[i], at->bM[i]};
}

/* By the Y of what was reached. */
INLINE void improve(real Y, ptrdiff_t i, hct_search *at)
{
    const real error = logarithm(larger(Y, R(1e-12))) - at->log_Y[i];
    const real step = at->log_J[i] - at->last_log_J[i], rise = error - at->error[i];
    /* Once steps are lost in rounding, the slope stays. */
    const int tells = magnitude(rise) > R(1e-4) * magnitude(step) && step != 0;
    const real per_slope = larger(smaller(tells ? step / rise : at->per_slope[i], 1), R(0.2));
    at->last_log_J[i] = at->log_J[i];
    at->error[i] = error;
    at->per_slope[i] = per_slope;
    at->log_J[i] -= larger(smaller(error * per_slope, 2), -2);
}

#endif
