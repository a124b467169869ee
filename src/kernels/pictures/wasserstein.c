#include "pictures/wasserstein.h"

#include <math.h>
#include <string.h>

/* Values become whole numbers of 24 bits, as fine as the values are: sorted in two turns. */
#define DIGIT_BITS 12
#define DIGITS (1 << DIGIT_BITS)
#define TURNS 2
#define LARGEST_KEY 16777000.0f /* and a little room for rounding */

/* From values to keys: (value - least) * scale. */
typedef struct {
    float least, scale;
} scaling;

/* Makes keys of all values but NaN, and counts their digits; returns how many they are. */
static ptrdiff_t make_keys(ptrdiff_t count, const float *values, scaling by, uint32_t *keys,
                           uint32_t digits[TURNS][DIGITS])
{
    ptrdiff_t finite = 0;
    memset(digits, 0, TURNS * DIGITS * sizeof(uint32_t));
    for (ptrdiff_t i = 0; i < count; i++) {
        if (values[i] - values[i] != 0)
            continue;
        const uint32_t key = (uint32_t)((values[i] - by.least) * by.scale);
        keys[finite++] = key;
        digits[0][key % DIGITS]++;
        digits[1][key / DIGITS]++;
    }
    return finite;
}

/* Sorts the keys of finite values, the smallest first; returns how many they are. */
static ptrdiff_t sort(ptrdiff_t count, const float *values, scaling by, uint32_t *keys,
                      uint32_t *others)
{
    uint32_t places[TURNS][DIGITS];
    const ptrdiff_t finite = make_keys(count, values, by, keys, places);
    for (int turn = 0; turn < TURNS; turn++) {
        uint32_t place = 0;
        for (int digit = 0; digit < DIGITS; digit++) {
            const uint32_t number = places[turn][digit];
            places[turn][digit] = place;
            place += number;
        }
    }
    for (ptrdiff_t i = 0; i < finite; i++)
        others[places[0][keys[i] % DIGITS]++] = keys[i];
    for (ptrdiff_t i = 0; i < finite; i++)
        keys[places[1][others[i] / DIGITS]++] = others[i];
    return finite;
}

static int64_t apart(uint32_t one, uint32_t other)
{
    return one > other ? one - other : other - one;
}

/* The area between the distribution functions of two sorted samples: where both have as many keys,
 * the mean difference of those of one rank. */
static double area_between(const uint32_t *one, ptrdiff_t n, const uint32_t *other, ptrdiff_t m)
{
    if (n == m) {
        int64_t sum = 0;
        for (ptrdiff_t i = 0; i < n; i++)
            sum += apart(one[i], other[i]);
        return (double)sum / (double)n;
    }
    double area = 0;
    int64_t at = 0; /* of n m parts */
    for (ptrdiff_t i = 0, j = 0; i < n && j < m;) {
        const int64_t end_one = (i + 1) * (int64_t)m, end_other = (j + 1) * (int64_t)n;
        const int64_t end = end_one < end_other ? end_one : end_other;
        area += (double)(end - at) * (double)apart(one[i], other[j]);
        i += end == end_one;
        j += end == end_other;
        at = end;
    }
    return area / ((double)n * (double)m);
}

/* ---- Directions ------------------------------------------------------------------------------- */

static ptrdiff_t windows_of(const dde_windows *image) { return image->height * image->width; }

/* Values that projections have room for: what is beyond their end is written as well. */
static ptrdiff_t room_for(const dde_windows *image)
{
    return (windows_of(image) + WINDOWS_AT_ONCE + 15) / 16 * 16;
}

/* Where a direction's work is done. */
typedef struct {
    float *projected[2][DIRECTIONS_AT_ONCE];
    float *least, *most; /* of a row of each direction: of all rows, at each place */
    ptrdiff_t width;     /* of the wider image */
    uint32_t *keys[2], *others;
} workplace;

static size_t lay_out(const dde_windows *images, float *at, workplace *w)
{
    const ptrdiff_t one = room_for(&images[0]), other = room_for(&images[1]);
    const ptrdiff_t larger = one > other ? one : other;
    float *const begin = at;
    for (int image = 0; image < 2; image++)
        for (int d = 0; d < DIRECTIONS_AT_ONCE; d++, at += room_for(&images[image]))
            w->projected[image][d] = at;
    w->width = images[0].width > images[1].width ? images[0].width : images[1].width;
    w->least = at, at += DIRECTIONS_AT_ONCE * w->width;
    w->most = at, at += DIRECTIONS_AT_ONCE * w->width;
    w->keys[0] = (uint32_t *)at, at += larger;
    w->keys[1] = (uint32_t *)at, at += larger;
    w->others = (uint32_t *)at, at += larger;
    return (size_t)(at - begin) * sizeof(float);
}

size_t dde_directions_scratch(const dde_windows *images)
{
    workplace counted;
    return lay_out(images, NULL, &counted);
}

static void project(const dde_windows *image, const dde_picture_kernels *kernels,
                    const float *directions, float *const *to, const workplace *w)
{
    for (ptrdiff_t y = 0; y < image->height; y++) {
        const float *rows[3 * WINDOW];
        float *row_to[DIRECTIONS_AT_ONCE];
        for (int n = 0; n < 3 * WINDOW; n++)
            rows[n] = image->colours + n / WINDOW * image->plane + (y + n % WINDOW) * image->row;
        for (int d = 0; d < DIRECTIONS_AT_ONCE; d++)
            row_to[d] = to[d] + y * image->width;
        kernels->project_row(directions, rows, image->width, row_to);
        for (int d = 0; d < DIRECTIONS_AT_ONCE; d++) {
            kernels->keep_least(image->width, row_to[d], w->least + d * w->width);
            kernels->keep_largest(image->width, row_to[d], w->most + d * w->width);
        }
    }
}

static float range_of(const workplace *w, int d, float *least)
{
    float most = -INFINITY;
    *least = INFINITY;
    for (ptrdiff_t i = d * w->width; i < (d + 1) * w->width; i++) {
        *least = w->least[i] < *least ? w->least[i] : *least;
        most = w->most[i] > most ? w->most[i] : most;
    }
    return most - *least;
}

void dde_work_directions(const dde_windows *images, const dde_picture_kernels *kernels,
                         const float *directions, double *distances, ptrdiff_t *finite,
                         void *scratch)
{
    workplace w;
    lay_out(images, scratch, &w);
    for (ptrdiff_t i = 0; i < DIRECTIONS_AT_ONCE * w.width; i++)
        w.least[i] = INFINITY, w.most[i] = -INFINITY;
    for (int image = 0; image < 2; image++)
        project(&images[image], kernels, directions, w.projected[image], &w);
    for (int d = 0; d < DIRECTIONS_AT_ONCE; d++) {
        scaling by;
        const float range = range_of(&w, d, &by.least);
        if (!(range >= 0 && range - range == 0)) { /* nothing is finite, or not all that is no NaN */
            distances[d] = NAN, finite[0] = finite[1] = 0;
            continue;
        }
        by.scale = range > 0 ? LARGEST_KEY / range : 0;
        for (int image = 0; image < 2; image++)
            finite[image] = sort(windows_of(&images[image]), w.projected[image][d], by,
                                 w.keys[image], w.others);
        const double area = area_between(w.keys[0], finite[0], w.keys[1], finite[1]);
        distances[d] = area * range / LARGEST_KEY;
    }
}

/* ---- Making smaller --------------------------------------------------------------------------- */

size_t dde_shrinking_scratch(const dde_shrinking *shrinking)
{
    return (3 * TILE + 3 * (size_t)(shrinking->width + TILE)) * sizeof(float);
}

static int load_tile(const dde_shrinking *s, ptrdiff_t row, ptrdiff_t column, ptrdiff_t count,
                     float *planar)
{
    const dde_view *view = &s->input.view;
    const dde_run run = {view->data + row * view->strides[0] + column * view->strides[1],
                         view->strides[1], view->channel, count};
    const int outside = s->input.load(run, planar);
    for (int i = 0; i < s->input.n_steps; i++)
        s->input.steps[i].convert(s->input.steps[i].parameters, count, planar);
    return outside;
}

/* The means down the columns, in three planes of `plane` values. */
static int shrink_columns(const dde_shrinking *s, ptrdiff_t row, float *planar, float *means,
                          ptrdiff_t plane)
{
    const double *weights = s->down.weights + row * s->down.most;
    const ptrdiff_t first = s->down.first[row];
    int outside = 0;
    memset(means, 0, 3 * plane * sizeof(float));
    for (ptrdiff_t column = 0; column < s->width; column += TILE) {
        const ptrdiff_t left = s->width - column, count = left < TILE ? left : TILE;
        for (ptrdiff_t y = 0; y < s->down.most; y++) {
            if (weights[y] == 0)
                continue;
            outside |= load_tile(s, first + y, column, count, planar);
            for (int channel = 0; channel < 3; channel++)
                s->kernels->add_weighted(count, (float)weights[y], planar + channel * TILE,
                                         means + channel * plane + column);
        }
    }
    return outside;
}

int dde_shrink_row(const dde_shrinking *s, ptrdiff_t row, float *to, void *scratch)
{
    const ptrdiff_t plane = s->width + TILE;
    float *planar = scratch, *means = planar + 3 * TILE;
    memset(planar, 0, 3 * TILE * sizeof(float));
    const int outside = shrink_columns(s, row, planar, means, plane);
    for (ptrdiff_t x = 0; x < s->to_width; x++)
        for (int channel = 0; channel < 3; channel++) {
            const double *weights = s->across.weights + x * s->across.most;
            const float *from = means + channel * plane + s->across.first[x];
            double sum = 0;
            for (ptrdiff_t i = 0; i < s->across.most; i++)
                sum += weights[i] == 0 ? 0 : weights[i] * from[i];
            to[3 * x + channel] = (float)sum;
        }
    return outside;
}
