/* Packed 8-bit pixels to planar floats, by shuffles: a compiler that is left alone takes three times
 * as long.
 *
 * Of a vector of bytes, as many pixels are used as it has floats, three quarters of it. First each
 * quarter of 16 bytes is given the 4 pixels that it will become, which are 3 words; then each word of
 * it the byte of its pixel and channel. */
#ifndef DDE_PACKED_BYTES_H
#define DDE_PACKED_BYTES_H

#include "base/vectors.h"
#include "kernels.h"

#if defined(__has_builtin) && !defined(DDE_DOUBLE)
#if __has_builtin(__builtin_shufflevector) /* GCC has it from 12 on */
#define HAS_SHUFFLES 1
#endif
#endif

#ifdef HAS_SHUFFLES

/* `word` is the first that holds pixels; the last one of each quarter is not used. */
#define WORDS(word) (word), (word) + 1, (word) + 2, (word) + 2
#define BYTES(byte) (byte), (byte), (byte), (byte)
#define EVERY_THIRD(byte) BYTES(byte), BYTES((byte) + 3), BYTES((byte) + 6), BYTES((byte) + 9)

#if VECTOR_BYTES == 64
#define QUARTERS(v, word) \
    __builtin_shufflevector(v, v, WORDS(word), WORDS((word) + 3), WORDS((word) + 6), WORDS((word) + 9))
#define CHANNEL(v, c) \
    __builtin_shufflevector(v, v, EVERY_THIRD(c), EVERY_THIRD((c) + 16), EVERY_THIRD((c) + 32), \
                            EVERY_THIRD((c) + 48))
#elif VECTOR_BYTES == 32
#define QUARTERS(v, word) __builtin_shufflevector(v, v, WORDS(word), WORDS((word) + 3))
#define CHANNEL(v, c) __builtin_shufflevector(v, v, EVERY_THIRD(c), EVERY_THIRD((c) + 16))
#else
#define QUARTERS(v, word) __builtin_shufflevector(v, v, WORDS(word))
#define CHANNEL(v, c) __builtin_shufflevector(v, v, EVERY_THIRD(c))
#endif

/* The lowest byte of each word, times `unit`. */
INLINE vector floats_of(vector_bytes words, real unit)
{
    return __builtin_convertvector((vector_bits)words & 255, vector) * unit;
}

INLINE void store_channels(vector_bits quarters, real unit, real *planar)
{
    const vector_bytes bytes = (vector_bytes)quarters;
    store_vector(planar, floats_of(CHANNEL(bytes, 0), unit));
    store_vector(planar + TILE, floats_of(CHANNEL(bytes, 1), unit));
    store_vector(planar + 2 * TILE, floats_of(CHANNEL(bytes, 2), unit));
}

/* Returns how many pixels that were: all, or none of too few. Nothing before or beyond them is read:
 * the first are at the front of their vector and the others at its end. The last ones may overlap
 * those before. */
INLINE ptrdiff_t load_packed_bytes(const uint8_t *packed, ptrdiff_t count, real unit, real *planar)
{
    vector_bits words;
    if (3 * count < VECTOR_BYTES)
        return 0;
    memcpy(&words, packed, sizeof words);
    store_channels(QUARTERS(words, 0), unit, planar);
    for (ptrdiff_t i = LANES; i < count; i += LANES) {
        const ptrdiff_t start = i < count - LANES ? i : count - LANES;
        memcpy(&words, packed + 3 * start - VECTOR_BYTES / 4, sizeof words);
        store_channels(QUARTERS(words, LANES / 4), unit, planar + start);
    }
    return count;
}

#else

INLINE ptrdiff_t load_packed_bytes(const uint8_t *packed, ptrdiff_t count, real unit, real *planar)
{
    (void)packed, (void)count, (void)unit, (void)planar;
    return 0;
}

#endif
#endif
