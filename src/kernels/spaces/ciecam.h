/* The appearance models CIECAM02 (CIE 159:2004) and CAM16 (C. Li et al., "Comprehensive color
 * solutions: CAM16, CAT16, and CAM16-UCS", Color Research and Application 42 (2017) 703-718,
 * appendices A and B). They differ in the matrix that makes adapted cone responses of XYZ alone,
 * which is multiplied before and after. Here a colour is (J, M cos h, M sin h); no hue angle is
 * formed. */
#ifndef DDE_CIECAM_H
#define DDE_CIECAM_H

#include "base/colour.h"
#include "base/transcendental.h"

/* What follows from the viewing conditions alone; dde/spaces/appearance.py computes it. */
typedef struct {
    real F_L;       /* luminance-level adaptation, over 100 */
    real cz;        /* c z */
    real A_w;       /* achromatic response of the white */
    real N_bb;
    real t_factor;  /* 50000 / 13 N_c N_cb */
    real C_factor;  /* (1.64 - 0.29^n)^0.73 */
    real M_per_C;   /* F_L^0.25 */
} viewing_t;

INLINE viewing_t viewing_from(const double *p)
{
    return (viewing_t){(real)p[0], (real)p[1], (real)p[2], (real)p[3],
                       (real)p[4], (real)p[5], (real)p[6]};
}

/* The response compression, without the 0.1 that the models add to it. */
INLINE real compressed(real F_L, real response)
{
    const real x = power(F_L * magnitude(response), R(0.42));
    return with_sign_of(400 * x / (x + R(27.13)), response);
}

INLINE real expanded(real F_L, real response)
{
    const real x = magnitude(response);
    return with_sign_of(power(R(27.13) * x / (400 - x), R(1.0) / R(0.42)) / F_L, response);
}

/* e_t = (cos(h + 2) + 3.8) / 4, h + 2 in radians */
INLINE real eccentricity(real cos_h, real sin_h)
{
    return R(0.25) * (cos_h * R(-0.41614683654714241) - sin_h * R(0.90929742682568171) + R(3.8));
}

INLINE triple_t cones_to_cam(viewing_t k, triple_t cones)
{
    const real Ra = compressed(k.F_L, cones.x), Ga = compressed(k.F_L, cones.y),
               Ba = compressed(k.F_L, cones.z);
    const real a = (11 * Ra - 12 * Ga + Ba) * (R(1.0) / 11);
    const real b = (Ra + Ga - 2 * Ba) * (R(1.0) / 9);
    const real length = chroma(a, b), per_length = 1 / (length + TINY);
    const real cos_h = a * per_length, sin_h = b * per_length;
    const real A = (2 * Ra + Ga + R(0.05) * Ba) * k.N_bb;
    const real J = 100 * power(A / k.A_w, k.cz);
    const real t = k.t_factor * eccentricity(cos_h, sin_h) * length /
                   (Ra + Ga + R(1.05) * Ba + R(0.305));
    const real alpha = power(t, R(0.9)) * k.C_factor;
    const real M = alpha * square_root(J * R(0.01)) * k.M_per_C;
    return (triple_t){J, M * cos_h, M * sin_h};
}

INLINE triple_t cam_to_cones(viewing_t k, triple_t cam)
{
    const real J = larger(cam.x, 0);
    const real M = chroma(cam.y, cam.z), per_length = 1 / (M + TINY);
    const real cos_h = cam.y * per_length, sin_h = cam.z * per_length;
    const real alpha = M / (k.M_per_C * square_root(J * R(0.01)) + TINY);
    const real t = power(alpha / k.C_factor, R(1.0) / R(0.9));
    const real p1 = k.t_factor * eccentricity(cos_h, sin_h);
    const real p2 = k.A_w * power(J * R(0.01), 1 / k.cz) / k.N_bb;
    const real gamma = 23 * (p2 + R(0.305)) * t / (23 * p1 + t * (11 * cos_h + 108 * sin_h));
    const real a = gamma * cos_h, b = gamma * sin_h;
    return (triple_t){expanded(k.F_L, (460 * p2 + 451 * a + 288 * b) * (R(1.0) / 1403)),
                      expanded(k.F_L, (460 * p2 - 891 * a - 261 * b) * (R(1.0) / 1403)),
                      expanded(k.F_L, (460 * p2 - 220 * a - 6300 * b) * (R(1.0) / 1403))};
}

/* The uniform spaces of both: M. R. Luo, G. Cui, C. Li, "Uniform colour spaces based on CIECAM02
 * colour appearance model", Color Research and Application 31 (2006) 320-330, (2) to (5). */
typedef struct { real c1, c2; } ucs_t;

INLINE ucs_t ucs_from(const double *p) { return (ucs_t){(real)p[0], (real)p[1]}; }

INLINE triple_t cam_to_ucs(ucs_t k, triple_t cam)
{
    const real M = chroma(cam.y, cam.z);
    const real scale = M > 0 ? logarithm(1 + k.c2 * M) / (k.c2 * M + TINY) : 1;
    return (triple_t){(1 + 100 * k.c1) * cam.x / (1 + k.c1 * cam.x), scale * cam.y, scale * cam.z};
}

INLINE triple_t ucs_to_cam(ucs_t k, triple_t ucs)
{
    const real M = chroma(ucs.y, ucs.z), x = k.c2 * M;
    const real scale = M > 0 ? (exponential(smaller(x, 80)) - 1) / (x + TINY) : 1;
    return (triple_t){ucs.x / (1 + 100 * k.c1 - k.c1 * ucs.x), scale * ucs.y, scale * ucs.z};
}

#endif
