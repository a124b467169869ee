/* Loops over a planar tile. */
#ifndef DDE_TILE_H
#define DDE_TILE_H

#include "base/colour.h"
#include "kernels.h"

/* Whole blocks, each turned into vector code without a remainder. */
#define FOR_EACH_COLOUR(i, count)                              \
    for (ptrdiff_t block = 0; block < (count); block += BLOCK) \
        _Pragma("omp simd") for (ptrdiff_t i = block; i < block + BLOCK; i++)

INLINE lab_t lab_at(const real *planar, ptrdiff_t i)
{
    return (lab_t){planar[i], planar[i + TILE], planar[i + 2 * TILE]};
}

#endif
