/* Spectra to XYZ: three sums of products with weights, which say all of illuminant, observer and
 * practice (ASTM E308). They are loaded into a planar tile, as colours are. */
#ifndef DDE_SPECTRA_H
#define DDE_SPECTRA_H

#include "base/real.h"
#include "kernels.h"

/* Neighbouring bands: a spectrum at a time. Strided ones, such as those of an image a band at a time:
 * band by band over the run. */
#define SPECTRAL_LOADER(name, type)                                                          \
    static void load_spectra_##name(const dde_weights *weights, dde_run from, void *planar)  \
    {                                                                                        \
        const ptrdiff_t bands = weights->bands;                                              \
        const real *restrict wx = weights->values, *restrict wy = wx + bands,                \
                   *restrict wz = wy + bands;                                                \
        real *restrict X = planar, *restrict Y = X + TILE, *restrict Z = Y + TILE;           \
        if (from.channel == sizeof(type)) {                                                  \
            for (ptrdiff_t i = 0; i < from.count; i++) {                                     \
                const type *spectrum = (const type *)(from.data + i * from.step);            \
                real x = 0, y = 0, z = 0;                                                    \
                _Pragma("omp simd reduction(+: x, y, z)")                                    \
                for (ptrdiff_t band = 0; band < bands; band++) {                             \
                    const real value = (real)spectrum[band];                                 \
                    x += wx[band] * value;                                                   \
                    y += wy[band] * value;                                                   \
                    z += wz[band] * value;                                                   \
                }                                                                            \
                X[i] = x;                                                                    \
                Y[i] = y;                                                                    \
                Z[i] = z;                                                                    \
            }                                                                                \
            return;                                                                          \
        }                                                                                    \
        for (ptrdiff_t i = 0; i < from.count; i++)                                           \
            X[i] = Y[i] = Z[i] = 0;                                                          \
        for (ptrdiff_t band = 0; band < bands; band++) {                                     \
            const char *data = from.data + band * from.channel;                              \
            for (ptrdiff_t i = 0; i < from.count; i++) {                                     \
                const real value = (real) * (const type *)(data + i * from.step);            \
                X[i] += wx[band] * value;                                                    \
                Y[i] += wy[band] * value;                                                    \
                Z[i] += wz[band] * value;                                                    \
            }                                                                                \
        }                                                                                    \
    }

SPECTRAL_LOADER(f32, float)
SPECTRAL_LOADER(f64, double)

#endif
