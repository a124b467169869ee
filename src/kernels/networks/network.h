/* What the learned differences share: an encoder turns each colour into an embedding, a head turns
 * two embeddings into a difference. */
#ifndef DDE_NETWORK_H
#define DDE_NETWORK_H

#include "spaces/cielab.h"
#include "networks/dense.h"
#include "base/tile.h"

/* From a group of planar Lab colours to what is compared of them, or to their embeddings. */
typedef void (*encoder)(const dde_network *net, const real *planar, activations *units);

INLINE dense_layer layer_of(const dde_network *net, int i)
{
    return (dense_layer){net->weights[i], net->biases[i]};
}

INLINE void load_group(const real *planar, activations lab[3])
{
    for (int channel = 0; channel < 3; channel++)
        memcpy(lab[channel], planar + channel * TILE, sizeof lab[channel]);
}

/* What is compared of one side; of a side that is one colour throughout, once for all calls. */
INLINE void encode_side(const dde_network *net, int side, encoder encode, int units,
                        const real *planar, activations *encoded)
{
    const real *fixed = net->fixed[side];
    if (!fixed) {
        encode(net, planar, encoded);
        return;
    }
    for (int unit = 0; unit < units; unit++)
        for (int v = 0; v < VECTORS; v++)
            encoded[unit][v] = (vector){} + fixed[unit];
}

/* Encodes packed colours, to so many numbers each. */
INLINE void encode_packed(const dde_network *net, encoder encode, int units, ptrdiff_t count,
                          const real *lab, real *packed)
{
    real planar[3 * TILE] = {0};
    activations encoded[DDE_MAX_UNITS];
    for (ptrdiff_t start = 0; start < count; start += GROUP) {
        const ptrdiff_t left = count - start, colours = left < GROUP ? left : GROUP;
        for (ptrdiff_t i = 0; i < colours; i++)
            for (int channel = 0; channel < 3; channel++)
                planar[channel * TILE + i] = *lab++;
        encode(net, planar, encoded);
        for (ptrdiff_t i = 0; i < colours; i++)
            for (int unit = 0; unit < units; unit++)
                *packed++ = ((const real *)encoded[unit])[i];
    }
}

#endif
