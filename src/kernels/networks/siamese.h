/* The Siamese network of the DeepDeltaE project: one encoder for both colours,
 *     E = relu(W2 relu(W1 Lab + b1) + b2)    3 -> 64 -> 128,
 * and a head on their absolute difference,
 *     y = W4 relu(W3 |E1 - E2| + b3) + b4    128 -> 64 -> 1,
 * which predicts the z-scored logarithm: ΔV = exp(σ y + μ) - 1, and 0 where that is negative, as
 * no difference is. Constants: μ, σ, and 1 for weights that want mis-scaled Lab.
 */
#ifndef DDE_SIAMESE_H
#define DDE_SIAMESE_H

#include "networks/network.h"

enum { HIDDEN = DDE_SIAMESE_HIDDEN, EMBEDDING = DDE_SIAMESE_EMBEDDING };

/* What that project's own weights were trained on: XYZ on 0..100 read as if it were on 0..1. */
INLINE void misscale(activations lab[3])
{
    real *L = (real *)lab[0], *a = (real *)lab[1], *b = (real *)lab[2];
    for (int i = 0; i < GROUP; i++) {
        const triple_t xyz = lab_to_relative_xyz((triple_t){L[i], a[i], b[i]});
        const triple_t wrong = relative_xyz_to_lab((triple_t){100 * xyz.x, 100 * xyz.y, 100 * xyz.z});
        L[i] = wrong.x, a[i] = wrong.y, b[i] = wrong.z;
    }
}

INLINE void encode_and_combine_siamese(const dde_network *net, const real *planar,
                                       combination combine, scratch *at)
{
    activations lab[3];
    load_group(planar, lab);
    if (net->constants[2] != 0)
        misscale(lab);
    dense(layer_of(net, 0), 3, HIDDEN, relu, replaced, lab, at->spare);
    dense(layer_of(net, 1), HIDDEN, EMBEDDING, relu, combine, at->spare, at->units);
}

static void encode_siamese(const dde_network *net, const real *planar, scratch *at)
{
    encode_and_combine_siamese(net, planar, replaced, at);
}

/* To the distance from the embedding that is there. */
static void distance_siamese(const dde_network *net, const real *planar, scratch *at)
{
    encode_and_combine_siamese(net, planar, distance, at);
}

INLINE real predicted(const dde_network *net, real y)
{
    const real log_dv = y * (real)net->constants[1] + (real)net->constants[0];
    /* beyond 80 the exponential is of no meaning, and would soon be beyond float */
    const real dv = exponential(log_dv > 80 ? 80 : log_dv < -80 ? -80 : log_dv) - 1;
    return dv < 0 ? 0 : dv; /* and NaN for NaN */
}

static void difference_siamese(const void *parameters, ptrdiff_t count, const void *planar1,
                               const void *planar2, void *delta_e)
{
    const dde_network *net = parameters;
    const real *lab1 = planar1, *lab2 = planar2;
    real *dE = delta_e;
    activations out[OUTPUTS];
    scratch at;

    for (ptrdiff_t start = 0; start < count; start += GROUP) {
        encode_side(net, 0, encode_siamese, replaced, EMBEDDING, lab1 + start, &at);
        encode_side(net, 1, distance_siamese, distance, EMBEDDING, lab2 + start, &at);
        dense(layer_of(net, 2), EMBEDDING, HIDDEN, relu, replaced, at.units, at.spare);
        dense(layer_of(net, 3), HIDDEN, OUTPUTS, identity, replaced, at.spare, out);
        memcpy(dE + start, out[0], sizeof out[0]);
    }
    FOR_EACH_COLOUR(i, count)
    {
        const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);
        dE[i] = predicted(net, dE[i]) + nan_unless_finite(x.L, x.a, x.b) +
                nan_unless_finite(y.L, y.a, y.b);
    }
}

/* What is compared is the embedding. */
#define embed_siamese encode_packed_siamese

static void encode_packed_siamese(const dde_network *net, ptrdiff_t count, const void *colours,
                                  void *packed)
{
    encode_packed(net, encode_siamese, EMBEDDING, count, colours, packed);
}

#endif
