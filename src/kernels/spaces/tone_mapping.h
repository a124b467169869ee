/* Tone mapping of linear RGB of any size onto [0, 1], as HDR-FLIP has it: P. Andersson, J. Nilsson,
 * P. Shirley, T. Akenine-Möller, "Visualizing errors in rendered high dynamic range images",
 * Eurographics 2021, short papers. */
#ifndef DDE_TONE_MAPPING_H
#define DDE_TONE_MAPPING_H

#include "base/colour.h"

#define BRIGHTEST R(65536.0) /* what is brighter counts as this */

/* (k0 x^2 + k1 x + k2) / (k3 x^2 + k4 x + k5) of light x times an exposure. */
typedef struct { real exposure, k[6]; } tone_curve_t;

INLINE tone_curve_t tone_curve_from(const double *p)
{
    tone_curve_t curve = {.exposure = (real)p[0]};
    for (int i = 0; i < 6; i++)
        curve.k[i] = (real)p[1 + i];
    return curve;
}

INLINE real between(real x, real least, real most) { return x < least ? least : x > most ? most : x; }

INLINE real on_tone_curve(real light, tone_curve_t c)
{
    const real x = between(light, 0, BRIGHTEST) * c.exposure;
    return between(((c.k[0] * x + c.k[1]) * x + c.k[2]) / ((c.k[3] * x + c.k[4]) * x + c.k[5]), 0, 1);
}

INLINE triple_t tone_mapped(triple_t t, tone_curve_t c)
{
    return (triple_t){on_tone_curve(t.x, c), on_tone_curve(t.y, c), on_tone_curve(t.z, c)};
}

/* Reinhard's: each channel over 1 + Y. */
INLINE triple_t tone_mapped_by_luminance(triple_t t, real exposure, triple_t Y)
{
    const triple_t x = {between(t.x, 0, BRIGHTEST) * exposure, between(t.y, 0, BRIGHTEST) * exposure,
                        between(t.z, 0, BRIGHTEST) * exposure};
    const real divisor = 1 + x.x * Y.x + x.y * Y.y + x.z * Y.z;
    return (triple_t){between(x.x / divisor, 0, 1), between(x.y / divisor, 0, 1),
                      between(x.z / divisor, 0, 1)};
}

#endif
