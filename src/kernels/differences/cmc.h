/* CMC(l:c): F. J. J. Clarke, R. McDonald, B. Rigg, "Modification to the JPC79 colour-difference
 * formula", J. Soc. Dyers Colourists 100 (1984) 128-132; BS 6923. The first colour is the
 * reference: all weights are taken from it. */
#ifndef DDE_CMC_H
#define DDE_CMC_H

#include "base/colour.h"

INLINE weighted_t weighted_cmc(lab_t reference, lab_t sample, const double k[2])
{
    const real l = (real)k[0], c = (real)k[1];

    const real L1 = reference.L, a1 = reference.a, b1 = reference.b;
    const real C1 = chroma(a1, b1);
    const real C2 = chroma(sample.a, sample.b);
    const real dL = sample.L - L1;
    const real dC = C2 - C1;
    const real dot = a1 * sample.a + b1 * sample.b;
    const real cross = cross_product(a1, b1, sample.a, sample.b);
    const real dH = hue_difference(C1, C2, dot, cross);

    /* T depends on the hue h1, here the unit vector (u, v): it lies within [164, 345] degrees
     * where it is not strictly between -15 and 164, that is, not to the left of the one and to the
     * right of the other. */
    const real per_C1 = 1 / (C1 + TINY);
    const real u = a1 * per_C1, v = b1 * per_C1;
    const real left_of_345 = v * R(0.9659258262890683) + u * R(0.25881904510252074);
    const real right_of_164 = u * R(0.27563735581699916) + v * R(0.9612616959383189);
    const real cos_h_168 = -u * R(0.9781476007338057) - v * R(0.20791169081775934);
    const real cos_h_35 = u * R(0.8191520442889918) - v * R(0.573576436351046);
    const real T = ((left_of_345 > 0) & (right_of_164 > 0))
        ? R(0.36) + R(0.4) * magnitude(cos_h_35)
        : R(0.56) + R(0.2) * magnitude(cos_h_168);

    const real C4 = C1 * C1 * C1 * C1;
    const real F = square_root(C4 / (C4 + 1900));
    const real S_L = L1 < 16 ? R(0.511) : R(0.040975) * L1 / (1 + R(0.01765) * L1);
    const real S_C = R(0.0638) * C1 / (1 + R(0.0131) * C1) + R(0.638);
    const real S_H = S_C * (F * T + 1 - F);

    return (weighted_t){dL / (l * S_L), dC / (c * S_C), dH / S_H};
}

INLINE real cmc(lab_t reference, lab_t sample, const double k[2])
{
    return length_of(weighted_cmc(reference, sample, k));
}

#endif
