/* CIE94: CIE 116-1995, "Industrial colour-difference evaluation". The first colour is the
 * reference: the weights S_C and S_H are taken from its chroma alone. */
#ifndef DDE_CIE94_H
#define DDE_CIE94_H

#include "base/colour.h"

INLINE weighted_t weighted_cie94(lab_t reference, lab_t sample, const double k[3])
{
    const real kL = (real)k[0], K1 = (real)k[1], K2 = (real)k[2];

    const real C1 = chroma(reference.a, reference.b);
    const real C2 = chroma(sample.a, sample.b);
    const real dL = sample.L - reference.L;
    const real dC = C2 - C1;
    const real dot = reference.a * sample.a + reference.b * sample.b;
    const real cross = cross_product(reference.a, reference.b, sample.a, sample.b);
    const real dH = hue_difference(C1, C2, dot, cross);

    const real S_C = 1 + K1 * C1;
    const real S_H = 1 + K2 * C1;

    return (weighted_t){dL / kL, dC / S_C, dH / S_H}; /* S_L = k_C = k_H = 1 */
}

INLINE real cie94(lab_t reference, lab_t sample, const double k[3])
{
    return length_of(weighted_cie94(reference, sample, k));
}

#endif
