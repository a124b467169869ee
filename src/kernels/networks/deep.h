/* The deep metric: Euclidean distances after a smooth change of coordinates, one for small
 * differences and one for large,
 *     f(Lab) = A Lab + W3 s(W2 s(W1 Lab + b1) + b2)    3 -> h -> h -> k,
 *     ΔE = a1 g1(r1) + a2 g2(r2),
 *     r1, r2 = |f(x) - f(y)| over the first k1 coordinates, and over the others,
 *     g1(r) = v - (4/5)^4 v^5 / 5 with v = min(r, 5/4),
 *     g2(r) = sqrt(1 + 2r) - 1 = 2r / (sqrt(1 + 2r) + 1).
 * g1 rises to 1, and from 5/4 on it says nothing more: what is left is a2 g2. The difference is zero
 * for equal colours and symmetric, and, g1 and g2 being concave and 0 at 0, it satisfies the triangle
 * inequality. The activation is squareplus, (t + sqrt(t^2 + 4)) / 2; its half is in the
 * weights that follow, as the unit of Lab is in those that come first. A stands beside W3, as the
 * weights of three more inputs. Constants: a1, a2 and k1, which are 0, a and 0 in the first edition.
 */
#ifndef DDE_DEEP_H
#define DDE_DEEP_H

#include "base/transcendental.h"
#include "networks/network.h"

/* All but the last layer: the h units of the second, and Lab. */
INLINE void encode_and_combine_deep(const dde_network *net, const real *planar,
                                    combination combine, scratch *at)
{
    const int h = net->hidden;
    activations lab[3], direct[3];
    load_group(planar, lab);
    /* Before the layer, whose outputs are padded, and so may be written over the first of these. */
    for (int channel = 0; channel < 3; channel++)
        UNROLL for (int v = 0; v < VECTORS; v++)
            direct[channel][v] = combine(at->units[h + channel][v], lab[channel][v]);
    dense(layer_of(net, 0), 3, h, twice_squareplus, replaced, lab, at->spare);
    dense(layer_of(net, 1), h, h, twice_squareplus, combine, at->spare, at->units);
    memcpy(at->units[h], direct, sizeof direct);
}

static void encode_deep(const dde_network *net, const real *planar, scratch *at)
{
    encode_and_combine_deep(net, planar, replaced, at);
}

/* To the difference from the units that are there. */
static void subtract_deep(const dde_network *net, const real *planar, scratch *at)
{
    encode_and_combine_deep(net, planar, difference, at);
}

static void embed_group_deep(const dde_network *net, const real *planar, scratch *at)
{
    encode_deep(net, planar, at);
    dense(layer_of(net, 2), net->hidden + 3, net->embedding, identity, replaced, at->units,
          at->spare);
    memcpy(at->units, at->spare, (size_t)net->embedding * sizeof *at->units);
}

/* The sum of the squares of some of the coordinates of what is apart. */
INLINE void squared_distance(const activations *apart, int from, int to, real *squares)
{
    activations sum = {};
    for (int unit = from; unit < to; unit++)
        UNROLL for (int v = 0; v < VECTORS; v++)
            sum[v] += apart[unit][v] * apart[unit][v];
    memcpy(squares, sum, sizeof sum);
}

/* g1(r) = v - (4/5)^4 v^5 / 5, v = min(r, 5/4), and its slope 1 - (4/5)^4 v^4, which is 0 at 5/4. */
INLINE real saturation(real r)
{
    const real v = smaller(r, R(1.25)), v2 = v * v;
    return v * (1 - R(0.08192) * (v2 * v2));
}

INLINE real saturation_slope(real r)
{
    const real v = smaller(r, R(1.25)), v2 = v * v;
    return 1 - R(0.4096) * (v2 * v2);
}

/* g2(r) = sqrt(1 + 2r) - 1, without the difference, and its slope. */
INLINE real compression(real r) { return 2 * r / (square_root(1 + 2 * r) + 1); }
INLINE real compression_slope(real r) { return 1 / square_root(1 + 2 * r); }

/* The last layer is linear, and its bias is 0: it takes the difference of the units to that of the
 * embeddings, once a pair. */
static void difference_deep(const void *parameters, ptrdiff_t count, const void *planar1,
                            const void *planar2, void *delta_e)
{
    const dde_network *net = parameters;
    const int n_units = net->hidden + 3, of_small = (int)net->constants[2];
    const real *lab1 = planar1, *lab2 = planar2;
    real *dE = delta_e, small[TILE], large[TILE];
    scratch at;

    for (ptrdiff_t start = 0; start < count; start += GROUP) {
        encode_side(net, 0, encode_deep, replaced, n_units, lab1 + start, &at);
        encode_side(net, 1, subtract_deep, difference, n_units, lab2 + start, &at);
        dense(layer_of(net, 2), n_units, net->embedding, identity, replaced, at.units, at.spare);
        squared_distance(at.spare, 0, of_small, small + start);
        squared_distance(at.spare, of_small, net->embedding, large + start);
    }
    const real a1 = (real)net->constants[0], a2 = (real)net->constants[1];
    FOR_EACH_COLOUR(i, count)
    {
        const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);
        const real r1 = square_root(small[i]), r2 = square_root(large[i]);
        dE[i] = a1 * saturation(r1) + a2 * compression(r2) +
                nan_unless_finite(x.L, x.a, x.b) + nan_unless_finite(y.L, y.a, y.b);
    }
}

static void encode_packed_deep(const dde_network *net, ptrdiff_t count, const void *colours,
                               void *packed)
{
    encode_packed(net, encode_deep, net->hidden + 3, count, colours, packed);
}

static void embed_deep(const dde_network *net, ptrdiff_t count, const void *colours,
                       void *embeddings)
{
    encode_packed(net, embed_group_deep, net->embedding, count, colours, embeddings);
}

#endif
