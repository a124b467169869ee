/* What the learned differences share: an encoder turns each colour into an embedding, a head turns
 * two embeddings into a difference.
 *
 * Threads may have little stack (128 kB with musl), and a unit takes up to 192 bytes of it. So there
 * is a scratch of two arrays of units, 50 kB, for all layers of both colours: `units` keeps what is
 * compared, `spare` what leads to it. */
#ifndef DDE_NETWORK_H
#define DDE_NETWORK_H

#include "spaces/cielab.h"
#include "networks/dense.h"
#include "base/tile.h"

typedef struct {
    activations units[DDE_MAX_UNITS], spare[DDE_MAX_UNITS];
} scratch;

/* From a group of planar Lab colours to what is compared of them, or to their embeddings. */
typedef void (*encoder)(const dde_network *net, const real *planar, scratch *at);

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
INLINE void encode_side(const dde_network *net, int side, encoder encode, combination combine,
                        int units, const real *planar, scratch *at)
{
    const real *fixed = net->fixed[side];
    if (!fixed) {
        encode(net, planar, at);
        return;
    }
    for (int unit = 0; unit < units; unit++)
        UNROLL for (int v = 0; v < VECTORS; v++)
            at->units[unit][v] = combine(at->units[unit][v], (vector){} + fixed[unit]);
}

/* Encodes packed colours, to so many numbers each. */
INLINE void encode_packed(const dde_network *net, encoder encode, int units, ptrdiff_t count,
                          const real *lab, real *packed)
{
    real planar[3 * TILE] = {0};
    scratch at;
    for (ptrdiff_t start = 0; start < count; start += GROUP) {
        const ptrdiff_t left = count - start, colours = left < GROUP ? left : GROUP;
        for (ptrdiff_t i = 0; i < colours; i++)
            for (int channel = 0; channel < 3; channel++)
                planar[channel * TILE + i] = *lab++;
        encode(net, planar, &at);
        for (ptrdiff_t i = 0; i < colours; i++)
            for (int unit = 0; unit < units; unit++)
                *packed++ = ((const real *)at.units[unit])[i];
    }
}

#endif
