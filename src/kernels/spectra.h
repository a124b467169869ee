/* Spectra to XYZ: three sums of products with weights, which say all of illuminant, observer and
 * practice (ASTM E308). They are loaded into a planar tile, as colours are. */
#ifndef DDE_SPECTRA_H
#define DDE_SPECTRA_H

#include "base/real.h"
#include "kernels.h"

/* So many neighbouring bands at once. */
enum { BANDS_AT_ONCE = 8 };
typedef real bands_t __attribute__((vector_size(BANDS_AT_ONCE * sizeof(real))));

/* By way of memory: a vector that is handed over in registers needs as wide ones. */
INLINE void add_products(bands_t *sum, const real *weights, const bands_t *values)
{
    bands_t w;
    memcpy(&w, weights, sizeof w);
    *sum += w * *values;
}

/* Weights of the last bands of a spectrum, without those that whole vectors before them have had. */
INLINE void last_weights(const real *weights, ptrdiff_t bands, real last[BANDS_AT_ONCE])
{
    const ptrdiff_t taken = (BANDS_AT_ONCE - bands % BANDS_AT_ONCE) % BANDS_AT_ONCE;
    for (ptrdiff_t lane = 0; lane < BANDS_AT_ONCE; lane++)
        last[lane] = lane < taken ? 0 : weights[bands - BANDS_AT_ONCE + lane];
}

/* What is left of sums over the lanes: of each group, one number. */
INLINE void add_lanes(real (*restrict lanes)[BANDS_AT_ONCE], ptrdiff_t count, real *restrict sums)
{
    _Pragma("omp simd")
    for (ptrdiff_t i = 0; i < count; i++) {
        const real *at = lanes[i];
        sums[i] = ((at[0] + at[4]) + (at[2] + at[6])) + ((at[1] + at[5]) + (at[3] + at[7]));
    }
}

/* Spectra of neighbouring bands, at least BANDS_AT_ONCE of them: a spectrum at a time, a vector of
 * bands at a time. */
static void load_neighbouring_bands(const dde_weights *weights, dde_run from, real *restrict X)
{
    const ptrdiff_t bands = weights->bands;
    const real *w[3] = {weights->values};
    real last[3][BANDS_AT_ONCE], lanes[3][BLOCK][BANDS_AT_ONCE];
    w[1] = w[0] + bands, w[2] = w[1] + bands;
    for (int row = 0; row < 3; row++)
        last_weights(w[row], bands, last[row]);
    for (ptrdiff_t first = 0; first < from.count; first += BLOCK) {
        const ptrdiff_t count = from.count - first < BLOCK ? from.count - first : BLOCK;
        for (ptrdiff_t i = 0; i < count; i++) {
            const real *spectrum = (const real *)(from.data + (first + i) * from.step);
            bands_t x = {0}, y = {0}, z = {0}, values;
            for (ptrdiff_t band = 0; band + BANDS_AT_ONCE < bands; band += BANDS_AT_ONCE) {
                memcpy(&values, spectrum + band, sizeof values);
                add_products(&x, w[0] + band, &values);
                add_products(&y, w[1] + band, &values);
                add_products(&z, w[2] + band, &values);
            }
            memcpy(&values, spectrum + bands - BANDS_AT_ONCE, sizeof values);
            add_products(&x, last[0], &values);
            add_products(&y, last[1], &values);
            add_products(&z, last[2], &values);
            memcpy(lanes[0][i], &x, sizeof x);
            memcpy(lanes[1][i], &y, sizeof y);
            memcpy(lanes[2][i], &z, sizeof z);
        }
        for (int row = 0; row < 3; row++)
            add_lanes(lanes[row], count, X + row * TILE + first);
    }
}

/* Adds a band of so many spectra, which lie `step` bytes apart. */
INLINE void add_band(const real w[3], const char *data, ptrdiff_t step, ptrdiff_t count,
                     real *restrict X)
{
    real *restrict Y = X + TILE, *restrict Z = Y + TILE;
    _Pragma("omp simd")
    for (ptrdiff_t i = 0; i < count; i++) {
        const real value = *(const real *)(data + i * step);
        X[i] += w[0] * value;
        Y[i] += w[1] * value;
        Z[i] += w[2] * value;
    }
}

/* Neighbouring bands; or others, such as those of an image a band at a time, band by band. */
static void load_spectra(const dde_weights *weights, dde_run from, void *planar)
{
    const ptrdiff_t bands = weights->bands;
    const real *w = weights->values;
    real *restrict X = planar;
    if (from.channel == sizeof(real) && bands >= BANDS_AT_ONCE) {
        load_neighbouring_bands(weights, from, X);
        return;
    }
    for (int row = 0; row < 3; row++)
        memset(X + row * TILE, 0, (size_t)from.count * sizeof(real));
    for (ptrdiff_t band = 0; band < bands; band++) {
        const char *data = from.data + band * from.channel;
        const real of_band[3] = {w[band], w[bands + band], w[2 * bands + band]};
        if (from.step == sizeof(real))
            add_band(of_band, data, sizeof(real), from.count, X);
        else
            add_band(of_band, data, from.step, from.count, X);
    }
}

#endif
