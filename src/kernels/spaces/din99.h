/* DIN99 and what followed: DIN 6176; G. Cui, M. R. Luo, B. Rigg, G. Roesler, K. Witt, "Uniform
 * colour spaces based on the DIN99 colour-difference formula", Color Research and Application 27
 * (2002) 282-290. From CIELAB. */
#ifndef DDE_DIN99_H
#define DDE_DIN99_H

#include "base/colour.h"
#include "base/transcendental.h"

/* L99 = c1 ln(1 + c2 L*); (e, f): a*, b* turned by `turn` and f stretched; C99 = c3 ln(1 + c4 G),
 * G = sqrt(e^2 + f^2); the hue turned again, by `back`. */
typedef struct { real c1, c2, stretch, c3, c4; direction_t turn, back; } din99_t;

INLINE din99_t din99_from(const double *p)
{
    return (din99_t){(real)p[0], (real)p[1], (real)p[2], (real)p[3], (real)p[4],
                     {(real)p[5], (real)p[6]}, {(real)p[7], (real)p[8]}};
}

INLINE triple_t lab_to_din99(din99_t k, triple_t lab)
{
    const real e = lab.y * k.turn.cos + lab.z * k.turn.sin;
    const real f = k.stretch * (lab.z * k.turn.cos - lab.y * k.turn.sin);
    const real G = chroma(e, f);
    const real scale = k.c3 * logarithm(1 + k.c4 * G) / (G + TINY);
    const real a = scale * e, b = scale * f;
    return (triple_t){k.c1 * logarithm(larger(1 + k.c2 * lab.x, TINY)),
                      a * k.back.cos - b * k.back.sin, b * k.back.cos + a * k.back.sin};
}

INLINE triple_t din99_to_lab(din99_t k, triple_t din99)
{
    const real a = din99.y * k.back.cos + din99.z * k.back.sin;
    const real b = din99.z * k.back.cos - din99.y * k.back.sin;
    const real C = chroma(a, b);
    const real scale = (exponential(smaller(C / k.c3, 80)) - 1) / (k.c4 * C + TINY);
    const real e = scale * a, f = scale * b / k.stretch;
    return (triple_t){(exponential(smaller(din99.x / k.c1, 80)) - 1) / k.c2,
                      e * k.turn.cos - f * k.turn.sin, f * k.turn.cos + e * k.turn.sin};
}

#endif
