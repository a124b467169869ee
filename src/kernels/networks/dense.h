/* Dense layers of a neural network, for a group of pixels at a time.
 *
 * The pixels lie in the lanes of vectors, the activations as [unit][vector]. A step of the inner
 * loop multiplies 3 vectors of one input unit by the weights of 4 output units into 12 sums: as
 * many as it takes to keep the multipliers busy, and as fit into 16 registers beside their
 * operands. So weights lie as [output / 4][input][4], and outputs are padded to a multiple of 4.
 */
#ifndef DDE_DENSE_H
#define DDE_DENSE_H

#include "kernels.h"
#include "base/vectors.h"

#define VECTORS 3
#define GROUP (VECTORS * LANES) /* pixels */
#define OUTPUTS DDE_PACKED_OUTPUTS

typedef vector activations[VECTORS]; /* of one unit */

typedef struct {
    const real *weights, *bias;
} dense_layer;

/* Activations. They follow each block of sums at once, so that their latency passes while the next
 * block is multiplied. */
typedef vector (*activation)(vector);

INLINE vector identity(vector x) { return x; }

INLINE vector relu(vector x) { return (vector)((vector_bits)x & (x > 0)); }

INLINE vector twice_squareplus(vector x)
{
    vector root = x * x + 4;
    UNROLL for (int lane = 0; lane < LANES; lane++)
        root[lane] = square_root(root[lane]);
    return x + root;
}

/* What is stored of what stood there before and the new. By subtracting, the second of two colours
 * needs no room of its own. */
typedef vector (*combination)(vector before, vector now);

INLINE vector replaced(vector before, vector now)
{
    (void)before;
    return now;
}

INLINE vector difference(vector before, vector now) { return before - now; }

INLINE vector distance(vector before, vector now)
{
    return (vector)((vector_bits)(before - now) & ~((vector_bits){} + SIGN_BIT));
}

/* So many of the OUTPUTS from the o-th on. */
INLINE void dense_block(dense_layer layer, int inputs, int o, int count, activation activate,
                        combination combine, const activations *restrict in,
                        activations *restrict out)
{
    const real *restrict w = layer.weights + (ptrdiff_t)o * inputs;
    activations sum[OUTPUTS];
    UNROLL for (int j = 0; j < count; j++)
        UNROLL for (int v = 0; v < VECTORS; v++)
            sum[j][v] = (vector){} + layer.bias[o + j];
    for (int i = 0; i < inputs; i++, w += OUTPUTS)
        UNROLL for (int j = 0; j < count; j++)
            UNROLL for (int v = 0; v < VECTORS; v++)
                sum[j][v] += w[j] * in[i][v];
    UNROLL for (int j = 0; j < count; j++)
        UNROLL for (int v = 0; v < VECTORS; v++)
            out[o + j][v] = combine(out[o + j][v], activate(sum[j][v]));
}

INLINE void dense(dense_layer layer, int inputs, int outputs, activation activate,
                  combination combine, const activations *restrict in, activations *restrict out)
{
    int o = 0;
    for (; outputs - o > OUTPUTS / 2; o += OUTPUTS)
        dense_block(layer, inputs, o, OUTPUTS, activate, combine, in, out);
    if (o < outputs) /* half of it is padding */
        dense_block(layer, inputs, o, OUTPUTS / 2, activate, combine, in, out);
}

#endif
