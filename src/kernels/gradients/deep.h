/* The gradient of the deep metric: the steps of networks/deep.h, and then back through them, for a
 * group of pairs at a time. What is made of a colour on its way is kept for one of the two only, as
 * threads may have little stack: of the first colour it is made again. */
#ifndef DDE_GRADIENTS_DEEP_H
#define DDE_GRADIENTS_DEEP_H

#include "gradients/gradients.h"
#include "networks/deep.h"

/* Back through the activation s(t) = t + sqrt(t^2 + 4), of which s is known:
 *     s' = s / sqrt(t^2 + 4) = 2 s^2 / (s^2 + 4). */
INLINE vector times_squareplus_slope(vector s, vector g)
{
    const vector squared = s * s;
    return g * (2 * squared / (squared + 4));
}

INLINE vector added(vector before, vector now) { return before + now; }

/* From the derivatives by the outputs of a layer to those by `count` of its inputs, the i-th and the
 * following: the product with the transpose of its weights. */
INLINE void dense_block_back(dense_layer layer, int inputs, int outputs, int i, int count,
                             combination combine, const activations *restrict g,
                             activations *restrict by)
{
    activations sum[OUTPUTS] = {};
    for (int o = 0; o < outputs; o++) {
        const real *w = layer.weights + (o - o % OUTPUTS) * (ptrdiff_t)inputs + o % OUTPUTS;
        for (int j = 0; j < count; j++)
            for (int v = 0; v < VECTORS; v++)
                sum[j][v] += w[(i + j) * OUTPUTS] * g[o][v];
    }
    for (int j = 0; j < count; j++)
        for (int v = 0; v < VECTORS; v++)
            by[i + j][v] = combine(by[i + j][v], sum[j][v]);
}

/* The same of the inputs from `first` to `last`. */
INLINE void dense_back(dense_layer layer, int inputs, int first, int last, int outputs,
                       combination combine, const activations *restrict g,
                       activations *restrict by)
{
    int i = first;
    for (; last - i >= OUTPUTS; i += OUTPUTS)
        dense_block_back(layer, inputs, outputs, i, OUTPUTS, combine, g, by);
    for (; i < last; i++)
        dense_block_back(layer, inputs, outputs, i, 1, combine, g, by);
}

/* The units of both hidden layers of a group of colours, those of the first in `spare`; and their
 * embeddings. */
INLINE void embed_and_keep(const dde_network *net, const real *planar, combination combine,
                           scratch *at, activations *embeddings)
{
    encode_deep(net, planar, at);
    dense(layer_of(net, 2), net->hidden + 3, net->embedding, identity, combine, at->units,
          embeddings);
}

/* From the derivatives by the embeddings to those by the colours whose units are kept. */
INLINE void back_to_group(const dde_network *net, const activations *g, scratch *at, real *planar)
{
    const int h = net->hidden;
    activations *lab = at->units + h;
    dense_back(layer_of(net, 2), h + 3, 0, h, net->embedding, times_squareplus_slope, g, at->units);
    dense_back(layer_of(net, 2), h + 3, h, h + 3, net->embedding, replaced, g, at->units);
    dense_back(layer_of(net, 1), h, 0, h, h, times_squareplus_slope, at->units, at->spare);
    dense_back(layer_of(net, 0), 3, 0, 3, h, added, at->spare, lab);
    for (int channel = 0; channel < 3; channel++)
        memcpy(planar + channel * TILE, lab[channel], sizeof lab[channel]);
}

INLINE void negate(activations *units, int count)
{
    for (int unit = 0; unit < count; unit++)
        for (int v = 0; v < VECTORS; v++)
            units[unit][v] = -units[unit][v];
}

INLINE void times_each(activations *units, int from, int to, const real *factors)
{
    for (int unit = from; unit < to; unit++)
        for (int i = 0; i < GROUP; i++)
            ((real *)units[unit])[i] *= factors[i];
}

/* From what is apart to the derivatives by it, `upstream` times ∂ΔE/∂r1 / r1 and ∂ΔE/∂r2 / r2, each
 * times what is apart: 0 where r is 0. */
INLINE void back_to_embeddings(const dde_network *net, const real *upstream, activations *apart)
{
    const int of_small = (int)net->constants[2];
    const real a1 = (real)net->constants[0], a2 = (real)net->constants[1];
    real small[GROUP], large[GROUP];
    squared_distance(apart, 0, of_small, small);
    squared_distance(apart, of_small, net->embedding, large);
    for (int i = 0; i < GROUP; i++) {
        const real r1 = square_root(small[i]), r2 = square_root(large[i]);
        small[i] = upstream[i] * a1 * saturation_slope(r1) * inverse_or_0(r1);
        large[i] = upstream[i] * a2 * compression_slope(r2) * inverse_or_0(r2);
    }
    times_each(apart, 0, of_small, small);
    times_each(apart, of_small, net->embedding, large);
}

static void gradient_deep(const void *parameters, ptrdiff_t count, const void *planar1,
                          const void *planar2, const void *upstream, void *gradient1,
                          void *gradient2)
{
    const dde_network *net = parameters;
    const real *lab1 = planar1, *lab2 = planar2, *g = upstream;
    activations apart[DDE_MAX_UNITS];
    scratch at;

    for (ptrdiff_t start = 0; start < count; start += GROUP) {
        embed_and_keep(net, lab1 + start, replaced, &at, apart);
        embed_and_keep(net, lab2 + start, difference, &at, apart);
        back_to_embeddings(net, g + start, apart);
        negate(apart, net->embedding);
        back_to_group(net, apart, &at, (real *)gradient2 + start);
        negate(apart, net->embedding);
        encode_deep(net, lab1 + start, &at);
        back_to_group(net, apart, &at, (real *)gradient1 + start);
    }
    FOR_EACH_COLOUR(i, count)
    {
        const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);
        const lab_pair_t by = {lab_at(gradient1, i), lab_at(gradient2, i)};
        put_gradients(by, x, y, i, gradient1, gradient2);
    }
}

#endif
