/* What the learned differences share: an encoder turns each colour into an embedding, a head turns
 * two embeddings into a difference. */
#ifndef DDE_NETWORK_H
#define DDE_NETWORK_H

#include "cielab.h"
#include "dense.h"
#include "tile.h"

/* From a group of planar Lab colours to their embeddings. */
typedef void (*encoder)(const dde_network *net, const real *planar, activations *embedding);

INLINE dense_layer layer_of(const dde_network *net, int i)
{
    return (dense_layer){net->weights[i], net->biases[i]};
}

INLINE void load_group(const real *planar, activations lab[3])
{
    for (int channel = 0; channel < 3; channel++)
        memcpy(lab[channel], planar + channel * TILE, sizeof lab[channel]);
}

/* The embeddings of one side; of a side that is one colour throughout, once for all calls. */
INLINE void encode_side(const dde_network *net, int side, encoder encode, const real *planar,
                        activations *embedding)
{
    const real *fixed = net->fixed[side];
    if (!fixed) {
        encode(net, planar, embedding);
        return;
    }
    for (int unit = 0; unit < net->embedding; unit++)
        for (int v = 0; v < VECTORS; v++)
            embedding[unit][v] = (vector){} + fixed[unit];
}

/* The embeddings of packed colours, net->embedding numbers each. */
INLINE void embed(const dde_network *net, encoder encode, ptrdiff_t count, const real *lab,
                  real *packed)
{
    real planar[3 * TILE] = {0};
    activations units[DDE_MAX_UNITS];
    for (ptrdiff_t start = 0; start < count; start += GROUP) {
        const ptrdiff_t left = count - start, colours = left < GROUP ? left : GROUP;
        for (ptrdiff_t i = 0; i < colours; i++)
            for (int channel = 0; channel < 3; channel++)
                planar[channel * TILE + i] = *lab++;
        encode(net, planar, units);
        for (ptrdiff_t i = 0; i < colours; i++)
            for (int unit = 0; unit < net->embedding; unit++)
                *packed++ = ((const real *)units[unit])[i];
    }
}

#endif
