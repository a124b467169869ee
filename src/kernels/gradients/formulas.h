/* The gradients of the formulas that are one function of a pair: g times the derivatives of the
 * difference by both colours. The names are those of the formulas' own headers; g_S is the derivative
 * by S. */
#ifndef DDE_GRADIENTS_FORMULAS_H
#define DDE_GRADIENTS_FORMULAS_H

#include "gradients/polar.h"

INLINE lab_pair_t gradient_of_cie76(lab_t x, lab_t y, const double *k, real g)
{
    (void)k;
    const real dL = y.L - x.L, da = y.a - x.a, db = y.b - x.b;
    const real per_dE = g * inverse_or_0(square_root(dL * dL + da * da + db * db));
    return (lab_pair_t){{-dL * per_dE, -da * per_dE, -db * per_dE},
                        {dL * per_dE, da * per_dE, db * per_dE}};
}

INLINE lab_pair_t gradient_of_hyab(lab_t x, lab_t y, const double *k, real g)
{
    (void)k;
    const real da = y.a - x.a, db = y.b - x.b;
    const real g_L = g * sign(y.L - x.L), per_length = g * inverse_or_0(chroma(da, db));
    return (lab_pair_t){{-g_L, -da * per_length, -db * per_length},
                        {g_L, da * per_length, db * per_length}};
}

/* What CIE94 and CMC have in common: S = (ΔL / S_L)^2 + (ΔC / S_C)^2 + (ΔH / S_H)^2, the weights
 * being functions of the reference x. `by_weight` are the derivatives of S by them. */
typedef struct {
    real C1, C2, dL, dC, cross;
    hue_t hue;
} differences_t;

typedef struct { real S_L, S_C, S_H; } weights_t;

INLINE differences_t differences_of(lab_t x, lab_t y)
{
    const real C1 = chroma(x.a, x.b), C2 = chroma(y.a, y.b);
    const real cross = cross_product(x.a, x.b, y.a, y.b);
    return (differences_t){C1, C2, x.L - y.L, C1 - C2, cross,
                           hue_terms(C1, C2, x.a * y.a + x.b * y.b, cross)};
}

INLINE real difference_of(differences_t d, weights_t by)
{
    const real l = d.dL / by.S_L, c = d.dC / by.S_C, h = d.hue.dH / by.S_H;
    return square_root(l * l + c * c + h * h);
}

/* Times g_S; of the weight over which a difference d stands. */
INLINE real by_weight(real d, real weight, real g_S)
{
    return -2 * g_S * d * d / (weight * weight * weight);
}

/* The rest, the weights held fixed; g_C1 and g_h1 are what came through the weights. */
INLINE lab_pair_t through_differences(lab_t x, lab_t y, differences_t d, weights_t by, real g_S,
                                      real g_L1, real g_C1, real g_h1)
{
    const real g_dL = 2 * g_S * d.dL / (by.S_L * by.S_L);
    const real g_dC = 2 * g_S * d.dC / (by.S_C * by.S_C);
    const real g_dH_squared = g_S / (by.S_H * by.S_H), g_dH = 2 * g_dH_squared * d.hue.dH;
    const real g_turn = sign(d.cross) * d.hue.K * g_dH, radial = R(0.5) * g_dH * d.hue.dH;
    const plane_t g1 = and_if_neutral(
        from_polar(x.a, x.b, d.C1, g_C1 + g_dC + radial * inverse_or_0(d.C1), g_h1 - g_turn), d.C1,
        g_dH_squared, y.a, y.b);
    const plane_t g2 = and_if_neutral(
        from_polar(y.a, y.b, d.C2, radial * inverse_or_0(d.C2) - g_dC, g_turn), d.C2, g_dH_squared,
        x.a, x.b);
    return (lab_pair_t){{g_L1 + g_dL, g1.a, g1.b}, {-g_dL, g2.a, g2.b}};
}

INLINE lab_pair_t gradient_of_cie94(lab_t x, lab_t y, const double k[3], real g)
{
    const real kL = (real)k[0], K1 = (real)k[1], K2 = (real)k[2];
    const differences_t d = differences_of(x, y);
    const weights_t by = {kL, 1 + K1 * d.C1, 1 + K2 * d.C1};
    const real g_S = back_through_root(g, difference_of(d, by));
    const real g_C1 = K1 * by_weight(d.dC, by.S_C, g_S) + K2 * by_weight(d.hue.dH, by.S_H, g_S);
    return through_differences(x, y, d, by, g_S, 0, g_C1, 0);
}

/* T of CMC and its derivative by the hue, whose cosine and sine are u and v. */
typedef struct { real T, slope; } cmc_hue_t;

INLINE cmc_hue_t cmc_hue(real u, real v)
{
    const real left_of_345 = v * R(0.9659258262890683) + u * R(0.25881904510252074);
    const real right_of_164 = u * R(0.27563735581699916) + v * R(0.9612616959383189);
    const real cos_h_168 = -u * R(0.9781476007338057) - v * R(0.20791169081775934);
    const real sin_h_168 = -v * R(0.9781476007338057) + u * R(0.20791169081775934);
    const real cos_h_35 = u * R(0.8191520442889918) - v * R(0.573576436351046);
    const real sin_h_35 = v * R(0.8191520442889918) + u * R(0.573576436351046);
    const cmc_hue_t warm = {R(0.36) + R(0.4) * magnitude(cos_h_35),
                            R(-0.4) * sign(cos_h_35) * sin_h_35};
    const cmc_hue_t other = {R(0.56) + R(0.2) * magnitude(cos_h_168),
                             R(-0.2) * sign(cos_h_168) * sin_h_168};
    const int is_warm = (left_of_345 > 0) & (right_of_164 > 0);
    return (cmc_hue_t){is_warm ? warm.T : other.T, is_warm ? warm.slope : other.slope};
}

INLINE lab_pair_t gradient_of_cmc(lab_t x, lab_t y, const double k[2], real g)
{
    const real l = (real)k[0], c = (real)k[1];
    const differences_t d = differences_of(x, y);
    const real C1 = d.C1, per_C1 = inverse_or_0(C1);
    const cmc_hue_t hue = cmc_hue(x.a * per_C1, x.b * per_C1);

    const real C4 = C1 * C1 * C1 * C1, F = square_root(C4 / (C4 + 1900));
    const real F_slope = 2 * F * per_C1 * (1900 / (C4 + 1900));
    const real L_scale = 1 / (1 + R(0.01765) * x.L), C_scale = 1 / (1 + R(0.0131) * C1);
    const real S_L = x.L < 16 ? R(0.511) : R(0.040975) * x.L * L_scale;
    const real S_L_slope = x.L < 16 ? 0 : R(0.040975) * L_scale * L_scale;
    const real S_C = R(0.0638) * C1 * C_scale + R(0.638);
    const real S_C_slope = R(0.0638) * C_scale * C_scale;
    const real mix = F * hue.T + 1 - F, S_H = S_C * mix;

    const weights_t by = {l * S_L, c * S_C, S_H};
    const real g_S = back_through_root(g, difference_of(d, by));
    const real g_S_H = by_weight(d.hue.dH, by.S_H, g_S);
    const real g_L1 = l * S_L_slope * by_weight(d.dL, by.S_L, g_S);
    const real g_C1 = c * S_C_slope * by_weight(d.dC, by.S_C, g_S) +
                      g_S_H * (S_C_slope * mix + S_C * F_slope * (hue.T - 1));
    return through_differences(x, y, d, by, g_S, g_L1, g_C1, g_S_H * S_C * F * hue.slope);
}

#endif
