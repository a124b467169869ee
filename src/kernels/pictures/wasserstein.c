#include "pictures/wasserstein.h"

#include <math.h>
#include <string.h>

#define DIGITS 2048 /* 11 bits at a time: three turns for 32 */
#define TURNS 3

/* Bits that are in the order of their floats. */
static uint32_t key_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ (bits >> 31 ? UINT32_MAX : UINT32_C(1) << 31);
}

static float value_of(uint32_t key)
{
    const uint32_t bits = key ^ (key >> 31 ? UINT32_C(1) << 31 : UINT32_MAX);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t digit_of(uint32_t key, int turn) { return key >> 11 * turn & (DIGITS - 1); }

/* Makes keys of all values but NaN, and counts their digits; returns how many they are. */
static ptrdiff_t make_keys(ptrdiff_t count, const float *values, uint32_t *keys,
                           uint32_t digits[TURNS][DIGITS])
{
    ptrdiff_t finite = 0;
    memset(digits, 0, TURNS * DIGITS * sizeof(uint32_t));
    for (ptrdiff_t i = 0; i < count; i++) {
        if (values[i] - values[i] != 0)
            continue;
        const uint32_t key = key_of(values[i]);
        keys[finite++] = key;
        for (int turn = 0; turn < TURNS; turn++)
            digits[turn][digit_of(key, turn)]++;
    }
    return finite;
}

/* Sorts finite values in place, the smallest first; the others are lost. Returns how many are left. */
static ptrdiff_t sort(ptrdiff_t count, float *values, uint32_t *keys, uint32_t *others)
{
    uint32_t places[TURNS][DIGITS];
    const ptrdiff_t finite = make_keys(count, values, keys, places);
    for (int turn = 0; turn < TURNS; turn++) {
        uint32_t place = 0;
        for (int digit = 0; digit < DIGITS; digit++) {
            const uint32_t number = places[turn][digit];
            places[turn][digit] = place;
            place += number;
        }
        for (ptrdiff_t i = 0; i < finite; i++)
            others[places[turn][digit_of(keys[i], turn)]++] = keys[i];
        uint32_t *sorted = others;
        others = keys;
        keys = sorted;
    }
    for (ptrdiff_t i = 0; i < finite; i++)
        values[i] = value_of(keys[i]);
    return finite;
}

/* The area between the distribution functions of two sorted samples: where both have as many values,
 * the mean difference of those of one rank. */
static double distance_between(const float *one, ptrdiff_t n, const float *other, ptrdiff_t m)
{
    double area = 0;
    int64_t at = 0; /* of n m parts */
    for (ptrdiff_t i = 0, j = 0; i < n && j < m;) {
        const int64_t end_one = (i + 1) * (int64_t)m, end_other = (j + 1) * (int64_t)n;
        const int64_t end = end_one < end_other ? end_one : end_other;
        area += (double)(end - at) * fabs((double)one[i] - other[j]);
        i += end == end_one;
        j += end == end_other;
        at = end;
    }
    return area / ((double)n * (double)m);
}

/* ---- Directions ------------------------------------------------------------------------------- */

static ptrdiff_t windows_of(const dde_windows *image) { return image->height * image->width; }

/* Values that a row of projections has room for: what is beyond its end is written as well. */
static ptrdiff_t room_for(const dde_windows *image)
{
    return (windows_of(image) + WINDOWS_AT_ONCE + 15) / 16 * 16;
}

size_t dde_directions_scratch(const dde_windows *images)
{
    const ptrdiff_t one = room_for(&images[0]), other = room_for(&images[1]);
    const ptrdiff_t larger = one > other ? one : other;
    return (DIRECTIONS_AT_ONCE * (one + other) + 2 * larger) * sizeof(float);
}

static void project(const dde_windows *image, const dde_picture_kernels *kernels,
                    const float *directions, float *const *to)
{
    for (ptrdiff_t y = 0; y < image->height; y++) {
        const float *rows[3 * WINDOW];
        float *row_to[DIRECTIONS_AT_ONCE];
        for (int n = 0; n < 3 * WINDOW; n++)
            rows[n] = image->colours + n / WINDOW * image->plane + (y + n % WINDOW) * image->row;
        for (int d = 0; d < DIRECTIONS_AT_ONCE; d++)
            row_to[d] = to[d] + y * image->width;
        kernels->project_row(directions, rows, image->width, row_to);
    }
}

void dde_work_directions(const dde_windows *images, const dde_picture_kernels *kernels,
                         const float *directions, double *distances, ptrdiff_t *finite,
                         void *scratch)
{
    float *projected[2][DIRECTIONS_AT_ONCE], *at = scratch;
    for (int image = 0; image < 2; image++)
        for (int d = 0; d < DIRECTIONS_AT_ONCE; d++, at += room_for(&images[image]))
            projected[image][d] = at;
    const int larger = room_for(&images[1]) > room_for(&images[0]);
    uint32_t *keys = (uint32_t *)at, *others = keys + room_for(&images[larger]);
    for (int image = 0; image < 2; image++) {
        project(&images[image], kernels, directions, projected[image]);
        for (int d = 0; d < DIRECTIONS_AT_ONCE; d++)
            finite[image] = sort(windows_of(&images[image]), projected[image][d], keys, others);
    }
    for (int d = 0; d < DIRECTIONS_AT_ONCE; d++)
        distances[d] = distance_between(projected[0][d], finite[0], projected[1][d], finite[1]);
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
