/* The Siamese network of the DeepDeltaE project: one encoder for both colours,
 *     E = relu(W2 relu(W1 Lab + b1) + b2)    3 -> 64 -> 128,
 * and a head on their absolute difference,
 *     y = W4 relu(W3 |E1 - E2| + b3) + b4    128 -> 64 -> 1,
 * which predicts the z-scored logarithm: ΔV = exp(σ y + μ) - 1.
 */
#ifndef DDE_SIAMESE_H
#define DDE_SIAMESE_H

#include "cielab.h"
#include "dense.h"
#include "tile.h"

/* What that project's own weights were trained on: XYZ on 0..100 read as if it were on 0..1. */
INLINE triple_t misscaled_lab(triple_t lab)
{
    const triple_t xyz = lab_to_relative_xyz(lab);
    return relative_xyz_to_lab((triple_t){100 * xyz.x, 100 * xyz.y, 100 * xyz.z});
}

INLINE dense_layer layer_of(const dde_siamese *net, int i)
{
    return (dense_layer){net->weights[i], net->biases[i]};
}

static void load_group(const dde_siamese *net, const real *planar, activations lab[3])
{
    real *group = (real *)lab;
    for (int i = 0; i < GROUP; i++) {
        triple_t t = {planar[i], planar[i + TILE], planar[i + 2 * TILE]};
        if (net->legacy_input)
            t = misscaled_lab(t);
        group[i] = t.x, group[i + GROUP] = t.y, group[i + 2 * GROUP] = t.z;
    }
}

static void encode_group(const dde_siamese *net, const real *planar,
                         activations embedding[DDE_EMBEDDING])
{
    activations lab[3], hidden[DDE_HIDDEN];
    load_group(net, planar, lab);
    dense(layer_of(net, 0), 3, DDE_HIDDEN, 1, lab, hidden);
    dense(layer_of(net, 1), DDE_HIDDEN, DDE_EMBEDDING, 1, hidden, embedding);
}

/* The embedding of each side; of a side that is one colour throughout, once for all calls. */
static void encode_side(const dde_siamese *net, int side, const real *planar,
                        activations embedding[DDE_EMBEDDING])
{
    const real *fixed = net->fixed[side];
    if (!fixed) {
        encode_group(net, planar, embedding);
        return;
    }
    for (int unit = 0; unit < DDE_EMBEDDING; unit++)
        for (int v = 0; v < VECTORS; v++)
            embedding[unit][v] = (vector){} + fixed[unit];
}

INLINE real predicted(const dde_siamese *net, real y)
{
    const real log_dv = y * (real)net->sigma + (real)net->mu;
    /* beyond 80 the exponential is of no meaning, and would soon be beyond float */
    return exponential(log_dv > 80 ? 80 : log_dv < -80 ? -80 : log_dv) - 1;
}

static void difference_siamese(const void *parameters, ptrdiff_t count, const void *planar1,
                               const void *planar2, void *delta_e)
{
    const dde_siamese *net = parameters;
    const real *lab1 = planar1, *lab2 = planar2;
    real *dE = delta_e;
    activations first[DDE_EMBEDDING], second[DDE_EMBEDDING], hidden[DDE_HIDDEN], out[OUTPUTS];

    for (ptrdiff_t start = 0; start < count; start += GROUP) {
        encode_side(net, 0, lab1 + start, first);
        encode_side(net, 1, lab2 + start, second);
        for (int unit = 0; unit < DDE_EMBEDDING; unit++)
            for (int v = 0; v < VECTORS; v++)
                first[unit][v] = absolute(first[unit][v] - second[unit][v]);
        dense(layer_of(net, 2), DDE_EMBEDDING, DDE_HIDDEN, 1, first, hidden);
        dense(layer_of(net, 3), DDE_HIDDEN, OUTPUTS, 0, hidden, out);
        memcpy(dE + start, out[0], sizeof out[0]);
    }
    FOR_EACH_COLOUR(i, count)
    {
        const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);
        dE[i] = predicted(net, dE[i]) + nan_unless_finite(x.L, x.a, x.b) +
                nan_unless_finite(y.L, y.a, y.b);
    }
}

/* The embeddings of packed colours, DDE_EMBEDDING numbers each. */
static void embed_siamese(const dde_siamese *net, ptrdiff_t count, const void *colours,
                          void *embeddings)
{
    const real *lab = colours;
    real *packed = embeddings, planar[3 * TILE] = {0};
    activations units[DDE_EMBEDDING];
    for (ptrdiff_t start = 0; start < count; start += GROUP) {
        const ptrdiff_t colours_here = count - start < GROUP ? count - start : GROUP;
        for (ptrdiff_t i = 0; i < colours_here; i++)
            for (int channel = 0; channel < 3; channel++)
                planar[channel * TILE + i] = *lab++;
        encode_group(net, planar, units);
        for (ptrdiff_t i = 0; i < colours_here; i++)
            for (int unit = 0; unit < DDE_EMBEDDING; unit++)
                *packed++ = ((const real *)units[unit])[i];
    }
}

#endif
