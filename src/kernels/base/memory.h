/* Between arrays and planar tiles: loading, which makes reals of the types that arrays hold, and
 * storing. */
#ifndef DDE_MEMORY_H
#define DDE_MEMORY_H

#include "base/packed_bytes.h"
#include "base/real.h"
#include "kernels.h"

/* Loading does no arithmetic but one multiplication, of an integer by its unit, so that packed and
 * strided colours come out the same to the last bit. */
INLINE real from_colour(real value, int *outside)
{
    (void)outside;
    return value;
}

#define PER_255 (R(1.0) / 255)

INLINE real from_u8(uint8_t value, int *outside)
{
    (void)outside;
    return (real)value * PER_255;
}

INLINE real from_u16(uint16_t value, int *outside)
{
    (void)outside;
    return (real)value * (R(1.0) / 65535);
}

INLINE real from_fraction(real value, int *outside)
{
    const real rounding = R(1e-5);
    *outside |= (value < -rounding) | (value > 1 + rounding);
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* The packed case (three neighbouring values a colour) is worth its own loop: with the strides
 * known, the compiler loads whole vectors and shuffles them. */
#define LOADER(name, type, decode)                                                           \
    static int load_##name(dde_run from, void *planar)                                       \
    {                                                                                        \
        real *restrict first = planar, *restrict second = first + TILE,                      \
             *restrict third = second + TILE;                                                \
        int outside = 0;                                                                     \
        if (from.step == 3 * sizeof(type) && from.channel == sizeof(type)) {                 \
            const type *packed = (const type *)from.data;                                    \
            _Pragma("omp simd reduction(|: outside)")                                        \
            for (ptrdiff_t i = 0; i < from.count; i++) {                                     \
                first[i] = decode(packed[3 * i], &outside);                                  \
                second[i] = decode(packed[3 * i + 1], &outside);                             \
                third[i] = decode(packed[3 * i + 2], &outside);                              \
            }                                                                                \
        } else {                                                                             \
            const char *data = from.data;                                                    \
            for (ptrdiff_t i = 0; i < from.count; i++, data += from.step) {                  \
                first[i] = decode(*(const type *)data, &outside);                            \
                second[i] = decode(*(const type *)(data + from.channel), &outside);          \
                third[i] = decode(*(const type *)(data + 2 * from.channel), &outside);       \
            }                                                                                \
        }                                                                                    \
        return outside;                                                                      \
    }

LOADER(colour_f32, float, from_colour)
LOADER(colour_f64, double, from_colour)
LOADER(bytes, uint8_t, from_u8)
LOADER(srgb_u16, uint16_t, from_u16)
LOADER(srgb_f32, float, from_fraction)
LOADER(srgb_f64, double, from_fraction)

static int load_srgb_u8(dde_run from, void *planar)
{
    const int packed = from.step == 3 && from.channel == 1;
    if (packed && load_packed_bytes((const uint8_t *)from.data, from.count, PER_255, planar))
        return 0;
    return load_bytes(from, planar);
}

static void store(const void *planar, int channels, dde_run to)
{
    const real *restrict first = planar, *restrict second = first + TILE,
               *restrict third = second + TILE;
    if (channels == 1 && to.step == sizeof(real)) {
        memcpy(to.data, first, (size_t)to.count * sizeof(real));
    } else if (channels == 1) {
        for (ptrdiff_t i = 0; i < to.count; i++)
            *(real *)(to.data + i * to.step) = first[i];
    } else if (to.step == 3 * sizeof(real) && to.channel == sizeof(real)) {
        real *restrict packed = (real *)to.data;
        _Pragma("omp simd")
        for (ptrdiff_t i = 0; i < to.count; i++) {
            packed[3 * i] = first[i];
            packed[3 * i + 1] = second[i];
            packed[3 * i + 2] = third[i];
        }
    } else {
        for (ptrdiff_t i = 0; i < to.count; i++) {
            char *data = to.data + i * to.step;
            *(real *)data = first[i];
            *(real *)(data + to.channel) = second[i];
            *(real *)(data + 2 * to.channel) = third[i];
        }
    }
}

#endif
