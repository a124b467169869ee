/* What an inspection keeps of a tile: counts, sums, the largest difference, a histogram.
 *
 * Sums are in double whatever the kernels' precision, and counts are whole numbers, so that parts of
 * an image can be added up in any way. */
#ifndef DDE_TALLY_H
#define DDE_TALLY_H

#include "base/colour.h"
#include "base/tile.h"

/* Pixels of one region, all with a finite difference. */
typedef struct {
    real lab1[3 * TILE], lab2[3 * TILE], dE[TILE];
    int64_t places[TILE]; /* the number of each in its image */
    ptrdiff_t count;
} tally_selection;

/* Of chroma and hue, the latter with the sign of the turn from the first hue to the second. By whole
 * blocks: a pixel gives the same wherever it stands, whatever a compiler makes of a remainder. */
static void polar_differences(ptrdiff_t count, const real *lab1, const real *lab2, real *dC, real *dH)
{
    FOR_EACH_COLOUR (i, count) {
        const lab_t x = lab_at(lab1, i), y = lab_at(lab2, i);
        const real C1 = chroma(x.a, x.b), C2 = chroma(y.a, y.b);
        const real cross = cross_product(x.a, x.b, y.a, y.b);
        const real difference = hue_difference(C1, C2, x.a * y.a + x.b * y.b, cross);
        dC[i] = C2 - C1;
        dH[i] = cross < 0 ? -difference : difference;
    }
}

static void add_sums(double *sums, ptrdiff_t count, const real *lab1, const real *lab2,
                     const real *dE)
{
    double first = 0, second = 0, lightness = 0, chromas = 0, hues = 0;
    real dC[TILE], dH[TILE];
    polar_differences(count, lab1, lab2, dC, dH);
    _Pragma("omp simd reduction(+: first, second, lightness, chromas, hues)")
    for (ptrdiff_t i = 0; i < count; i++) {
        first += (double)dE[i];
        second += (double)dE[i] * (double)dE[i];
        lightness += (double)(lab2[i] - lab1[i]);
        chromas += (double)dC[i];
        hues += (double)dH[i];
    }
    sums[0] += first, sums[1] += second;
    sums[2] += lightness, sums[3] += chromas, sums[4] += hues;
}

static void add_counts(const dde_tally *tally, int64_t *counts, ptrdiff_t count, const real *dE)
{
    counts[0] += count;
    for (int t = 0; t < tally->n_thresholds; t++) {
        const real threshold = (real)tally->thresholds[t];
        int32_t above = 0;
        _Pragma("omp simd reduction(+: above)")
        for (ptrdiff_t i = 0; i < count; i++)
            above += dE[i] > threshold;
        counts[2 + t] += above;
    }
}

/* No difference is negative; if one were, it would not be counted before the first bin. */
static void add_bins(dde_tally *tally, int region, ptrdiff_t count, const real *dE)
{
    int32_t *restrict bins = tally->bins + tally->n_bins;
    const real scale = (real)tally->scale;
    _Pragma("omp simd")
    for (ptrdiff_t i = 0; i < count; i++) {
        const real above_0 = dE[i] > 0 ? scale * dE[i] : 0;
        const real binned = above_0 < DDE_BINNED_TO ? above_0 : DDE_BINNED_TO;
        bins[i] = region * DDE_BINS + (int32_t)(binned * DDE_BINS_PER_UNIT);
    }
    tally->n_bins += count;
}

/* Of equal peaks the first one stays: tiles come in the order of the image. */
static void raise_peak(double *peak, int64_t *place, ptrdiff_t count, const real *dE,
                       const int64_t *places, int64_t first)
{
    real largest = dE[0];
    _Pragma("omp simd reduction(max: largest)")
    for (ptrdiff_t i = 0; i < count; i++)
        largest = dE[i] > largest ? dE[i] : largest;
    if ((double)largest <= *peak)
        return;
    ptrdiff_t at = 0;
    while (dE[at] != largest)
        at++;
    *peak = (double)largest;
    *place = places ? places[at] : first + at;
}

/* Adds pixels of a region; `places` says which they are, or NULL if they follow on from `first`. */
static void add_pixels(dde_tally *tally, int region, ptrdiff_t count, const real *lab1,
                       const real *lab2, const real *dE, const int64_t *places, int64_t first)
{
    if (count == 0)
        return;
    add_sums(tally->sums + DDE_SUMS * region, count, lab1, lab2, dE);
    add_counts(tally, tally->counts + (2 + tally->n_thresholds) * region, count, dE);
    add_bins(tally, region, count, dE);
    raise_peak(&tally->peaks[region], &tally->places[region], count, dE, places, first);
}

INLINE int is_finite(real x) { return x - x == 0; }

/* Whether all pixels are of the first one's region, and have a finite difference. */
static int is_plain(const uint8_t *labels, ptrdiff_t count, const real *dE)
{
    int not_finite = 0;
    uint8_t others = 0;
    _Pragma("omp simd reduction(|: not_finite)")
    for (ptrdiff_t i = 0; i < count; i++)
        not_finite |= !is_finite(dE[i]);
    _Pragma("omp simd reduction(|: others)")
    for (ptrdiff_t i = 0; i < count; i++)
        others |= labels[i] ^ labels[0];
    return !not_finite && !others;
}

/* Takes out the pixels of one region, which lose their labels, and counts what is not finite. */
static void select_region(uint8_t *labels, uint8_t label, ptrdiff_t count, const real *lab1,
                          const real *lab2, const real *dE, int64_t first, int64_t *not_finite,
                          tally_selection *selection)
{
    selection->count = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        if (labels[i] != label)
            continue;
        labels[i] = 0;
        if (!is_finite(dE[i])) {
            ++*not_finite;
            continue;
        }
        const ptrdiff_t to = selection->count++;
        for (int channel = 0; channel < 3; channel++) {
            selection->lab1[channel * TILE + to] = lab1[channel * TILE + i];
            selection->lab2[channel * TILE + to] = lab2[channel * TILE + i];
        }
        selection->dE[to] = dE[i];
        selection->places[to] = first + i;
    }
    for (ptrdiff_t to = selection->count; to % BLOCK; to++)
        for (int channel = 0; channel < 3; channel++)
            selection->lab1[channel * TILE + to] = selection->lab2[channel * TILE + to] = 0;
}

/* Adds a tile, whose first pixel has this number; label n is region n - 1, and 0 does not count. */
static void tally(dde_tally *to, ptrdiff_t count, int64_t first, uint8_t *labels,
                  const void *planar1, const void *planar2, const void *delta_e)
{
    const real *lab1 = planar1, *lab2 = planar2, *dE = delta_e;
    if (is_plain(labels, count, dE)) {
        if (labels[0] != 0)
            add_pixels(to, labels[0] - 1, count, lab1, lab2, dE, NULL, first);
        return;
    }
    for (ptrdiff_t i = 0; i < count; i++) {
        if (labels[i] == 0)
            continue;
        const int region = labels[i] - 1;
        tally_selection selection;
        select_region(labels, labels[i], count, lab1, lab2, dE, first,
                      &to->counts[(2 + to->n_thresholds) * region + 1], &selection);
        add_pixels(to, region, selection.count, selection.lab1, selection.lab2, selection.dE,
                   selection.places, 0);
    }
}

#endif
