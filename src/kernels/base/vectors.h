/* The widest vectors of the instruction set, for what a compiler does not find by itself: they are
 * GNU C, and know no processor. */
#ifndef DDE_VECTORS_H
#define DDE_VECTORS_H

#include "base/real.h"

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

#define LANES ((int)(VECTOR_BYTES / sizeof(real)))

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
typedef real_bits vector_bits __attribute__((vector_size(VECTOR_BYTES)));
typedef uint8_t vector_bytes __attribute__((vector_size(VECTOR_BYTES)));

INLINE vector load_vector(const real *from)
{
    vector loaded;
    memcpy(&loaded, from, sizeof loaded);
    return loaded;
}

INLINE void store_vector(real *to, vector value) { memcpy(to, &value, sizeof value); }

#endif
