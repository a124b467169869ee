/* The tolerance of small shifts, a row at a time: pictures/picture_walk.h says what is compared. */
#ifndef DDE_SHIFTS_H
#define DDE_SHIFTS_H

#include "base/real.h"
#include "pictures/pictures.h"

static void keep_least(ptrdiff_t count, const float *values, float *kept)
{
    _Pragma("omp simd")
    for (ptrdiff_t i = 0; i < count; i++)
        kept[i] = values[i] < kept[i] ? values[i] : kept[i];
}

static void keep_largest(ptrdiff_t count, const float *values, float *kept)
{
    _Pragma("omp simd")
    for (ptrdiff_t i = 0; i < count; i++)
        kept[i] = values[i] > kept[i] ? values[i] : kept[i];
}

static void tolerate(ptrdiff_t count, const float *least1, const float *least2,
                     const float *gradient, float slack, float *kept)
{
    _Pragma("omp simd")
    for (ptrdiff_t i = 0; i < count; i++) {
        const float larger = least1[i] > least2[i] ? least1[i] : least2[i];
        const float left = larger + 0 * larger - slack * gradient[i]; /* infinite: NaN */
        kept[i] = left < 0 ? 0 : left;
    }
}

#endif
