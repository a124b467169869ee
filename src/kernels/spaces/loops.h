/* The loops over a tile around a conversion, and the matrices that stand in many of them. */
#ifndef DDE_LOOPS_H
#define DDE_LOOPS_H

#include "base/tile.h"

typedef struct { real m[9]; } matrix_t;

INLINE matrix_t matrix_from(const double *m)
{
    matrix_t matrix;
    for (int i = 0; i < 9; i++)
        matrix.m[i] = (real)m[i];
    return matrix;
}

INLINE triple_t triple_from(const double *p)
{
    return (triple_t){(real)p[0], (real)p[1], (real)p[2]};
}

INLINE real dot(const real *row, triple_t t)
{
    return multiply_add(row[0], t.x, multiply_add(row[1], t.y, row[2] * t.z));
}

INLINE triple_t times(matrix_t matrix, triple_t t)
{
    return (triple_t){dot(matrix.m, t), dot(matrix.m + 3, t), dot(matrix.m + 6, t)};
}

/* The conversion `expression` of the colour t, after a `preparation` of the parameters p, in place
 * on a planar tile. */
#define TILE_CONVERSION(name, preparation, expression)                                       \
    static void convert_##name(const double *p, ptrdiff_t count, void *planar)               \
    {                                                                                        \
        real *restrict first = planar, *restrict second = first + TILE,                      \
             *restrict third = second + TILE;                                                \
        preparation;                                                                         \
        FOR_EACH_COLOUR(i, count)                                                            \
        {                                                                                    \
            const triple_t t = {first[i], second[i], third[i]};                              \
            const triple_t to = expression;                                                  \
            const real nan = nan_unless_finite(t.x, t.y, t.z);                               \
            first[i] = to.x + nan;                                                           \
            second[i] = to.y + nan;                                                          \
            third[i] = to.z + nan;                                                           \
        }                                                                                    \
    }

/* The same, and from packed to packed. */
#define CONVERSION(name, preparation, expression)                                            \
    TILE_CONVERSION(name, preparation, expression)                                           \
    static void packed_##name(const double *p, ptrdiff_t count, const void *from, void *into) \
    {                                                                                        \
        const real *restrict in = from;                                                      \
        real *restrict out = into;                                                           \
        preparation;                                                                         \
        FOR_EACH_COLOUR(i, count)                                                            \
        {                                                                                    \
            const triple_t t = {in[3 * i], in[3 * i + 1], in[3 * i + 2]};                    \
            const triple_t to = expression;                                                  \
            const real nan = nan_unless_finite(t.x, t.y, t.z);                               \
            out[3 * i] = to.x + nan;                                                         \
            out[3 * i + 1] = to.y + nan;                                                     \
            out[3 * i + 2] = to.z + nan;                                                     \
        }                                                                                    \
    }

#endif
