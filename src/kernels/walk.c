#include "walk.h"

#include <stdalign.h>
#include <string.h>

/* A tile in double, the larger of the two precisions. */
typedef struct {
    alignas(64) char bytes[3 * TILE * sizeof(double)];
} buffer;

/* Rows of differences. */
typedef struct {
    alignas(64) char bytes[DDE_MOST_ROWS * TILE * sizeof(double)];
} rows_buffer;

/* A position in the shape of a walk. */
typedef struct {
    ptrdiff_t index[MAX_DIMENSIONS];
} cursor;

static cursor cursor_at(const dde_walk *walk, ptrdiff_t colour)
{
    cursor at;
    for (int d = walk->dimensions - 1; d > 0; d--) {
        at.index[d] = colour % walk->shape[d];
        colour /= walk->shape[d];
    }
    at.index[0] = colour;
    return at;
}

/* The colours from the cursor to the end of its row, at most `limit`. */
static dde_run run_at(const dde_walk *walk, const dde_view *view, const cursor *at, ptrdiff_t limit)
{
    const int row = walk->dimensions - 1;
    const ptrdiff_t left = walk->shape[row] - at->index[row];
    dde_run run = {view->data, view->strides[row], view->channel, left < limit ? left : limit};
    for (int d = 0; d <= row; d++)
        run.data += at->index[d] * view->strides[d];
    return run;
}

/* Has the memory that the next tile will touch fetched, if the run goes on as it does: the
 * processor's own prefetching starts anew too often in so short loops. It is only a hint, and may
 * point beyond the array. */
#define CACHE_LINE 64
#define PREFETCH_NEXT(run, for_writing)                                                         \
    do {                                                                                        \
        const char *next = (run).data + (run).count * (run).step;                               \
        const ptrdiff_t bytes = (run).count * (run).step;                                       \
        for (ptrdiff_t byte = 0; byte < bytes && (run).step <= CACHE_LINE; byte += CACHE_LINE)  \
            __builtin_prefetch(next + byte, for_writing);                                       \
    } while (0)

static void advance(const dde_walk *walk, cursor *at, ptrdiff_t count)
{
    int d = walk->dimensions - 1;
    at->index[d] += count;
    while (d > 0 && at->index[d] == walk->shape[d]) {
        at->index[d] = 0;
        at->index[--d]++;
    }
}

static void pad(const dde_walk *walk, ptrdiff_t count, buffer *planar)
{
    if (count == TILE)
        return;
    const ptrdiff_t padding = (PADDING - count % PADDING) % PADDING;
    for (int channel = 0; channel < 3; channel++)
        memset(planar->bytes + (channel * TILE + count) * walk->real_size, 0,
               (size_t)(padding * walk->real_size));
}

static void take_steps(const dde_step *steps, int n_steps, ptrdiff_t count, buffer *planar)
{
    for (int i = 0; i < n_steps; i++)
        steps[i].convert(steps[i].parameters, count, planar);
}

static int load(const dde_walk *walk, const dde_input *input, ptrdiff_t start, ptrdiff_t count,
                buffer *planar)
{
    cursor at = cursor_at(walk, start);
    int outside = 0;
    for (ptrdiff_t done = 0; done < count;) {
        const dde_run run = run_at(walk, &input->view, &at, count - done);
        PREFETCH_NEXT(run, 0);
        char *into = planar->bytes + done * walk->real_size;
        if (input->load_spectra)
            input->load_spectra(input->weights, run, into);
        else
            outside |= input->load(run, into);
        advance(walk, &at, run.count);
        done += run.count;
    }
    pad(walk, count, planar);
    take_steps(input->steps, input->n_steps, count, planar);
    return outside;
}

/* Compares two tiles, or copies of them that have taken the steps to another space. */
static void compare(const dde_walk *walk, ptrdiff_t count, const buffer *first,
                    const buffer *second, rows_buffer *difference)
{
    if (walk->n_compare_steps == 0) {
        walk->compare(walk->parameters, count, first, second, difference);
        return;
    }
    buffer copies[2] = {*first, *second};
    for (int i = 0; i < 2; i++)
        take_steps(walk->compare_steps, walk->n_compare_steps, count, &copies[i]);
    walk->compare(walk->parameters, count, &copies[0], &copies[1], difference);
}

/* Stores planar rows in the channels of a colour, or one row in that which begins at `offset`. */
static void store(const dde_walk *walk, const dde_view *view, ptrdiff_t offset, int channels,
                  ptrdiff_t start, ptrdiff_t count, const char *planar)
{
    cursor at = cursor_at(walk, start);
    for (ptrdiff_t done = 0; done < count;) {
        dde_run run = run_at(walk, view, &at, count - done);
        run.data += offset;
        PREFETCH_NEXT(run, 1);
        walk->store(planar + done * walk->real_size, channels, run);
        advance(walk, &at, run.count);
        done += run.count;
    }
}

/* Loads one real a pixel: differences that were made before, or limits. */
static void load_reals(const dde_walk *walk, const dde_view *view, ptrdiff_t start, ptrdiff_t count,
                       char *planar)
{
    cursor at = cursor_at(walk, start);
    for (ptrdiff_t done = 0; done < count;) {
        const dde_run run = run_at(walk, view, &at, count - done);
        for (ptrdiff_t i = 0; i < run.count; i++)
            memcpy(planar + (done + i) * walk->real_size, run.data + i * run.step,
                   (size_t)walk->real_size);
        advance(walk, &at, run.count);
        done += run.count;
    }
}

/* Of floats: an inspection is in single precision. */
static void divide_by_limits(const dde_walk *walk, ptrdiff_t start, ptrdiff_t count,
                             rows_buffer *difference)
{
    buffer limits;
    float *differences = (float *)difference->bytes;
    load_reals(walk, &walk->limits, start, count, limits.bytes);
    for (ptrdiff_t i = 0; i < count; i++)
        differences[i] /= ((const float *)limits.bytes)[i];
}

/* Labels are checked here, in the copy that is used: they may be a file that somebody writes to. */
static int add_up(const dde_walk *walk, ptrdiff_t start, ptrdiff_t count, const buffer *first,
                  const buffer *second, const rows_buffer *difference, dde_tally *tally)
{
    const uint8_t regions = (uint8_t)tally->regions;
    uint8_t labels[TILE], unknown = 0;
    cursor at = cursor_at(walk, start);
    memset(labels, 1, sizeof labels);
    for (ptrdiff_t done = 0; done < count && walk->labels.data;) {
        const dde_run run = run_at(walk, &walk->labels, &at, count - done);
        for (ptrdiff_t i = 0; i < run.count; i++)
            labels[done + i] = *(const uint8_t *)(run.data + i * run.step);
        advance(walk, &at, run.count);
        done += run.count;
    }
    /* Of all bytes, so that compilers need not ask how many there are, and take many at once. */
    for (int i = 0; i < TILE; i++) {
        unknown |= labels[i] > regions;
        labels[i] = labels[i] > regions ? 0 : labels[i];
    }
    walk->tally(tally, count, walk->first_pixel + start, labels, first, second, difference);
    return unknown ? DDE_UNKNOWN_LABEL : 0;
}

/* Converts the whole blocks of colours that are packed in both arrays; returns how many. */
static ptrdiff_t convert_packed(const dde_walk *walk, ptrdiff_t start, ptrdiff_t count)
{
    const cursor at = cursor_at(walk, start);
    const dde_run from = run_at(walk, &walk->inputs[0].view, &at, count);
    const dde_run to = run_at(walk, &walk->output, &at, count);
    if (from.channel != walk->real_size || from.step != 3 * from.channel ||
        to.channel != walk->real_size || to.step != 3 * to.channel)
        return 0;
    const ptrdiff_t whole = from.count - from.count % BLOCK;
    walk->convert_packed(walk->inputs[0].steps[0].parameters, whole, from.data, to.data);
    return whole;
}

int dde_work_tile(const dde_walk *walk, ptrdiff_t start, dde_tally *tally)
{
    ptrdiff_t left = walk->size - start, count = left < TILE ? left : TILE;
    buffer first, second;
    rows_buffer difference;

    if (walk->convert_packed) {
        const ptrdiff_t done = convert_packed(walk, start, count);
        start += done, count -= done;
        if (count == 0)
            return 0;
    }
    int wrong = load(walk, &walk->inputs[0], start, count, &first) ? DDE_FIRST_OUTSIDE : 0;
    if (!walk->compare) {
        store(walk, &walk->output, 0, 3, start, count, first.bytes);
        return wrong;
    }
    wrong |= load(walk, &walk->inputs[1], start, count, &second) ? DDE_SECOND_OUTSIDE : 0;
    if (walk->given)
        load_reals(walk, &walk->output, start, count, difference.bytes);
    else
        compare(walk, count, &first, &second, &difference);
    const int limited = walk->tally && walk->limits.data;
    if (limited)
        divide_by_limits(walk, start, count, &difference);
    for (int row = 0; row < walk->rows && walk->store && (!walk->given || limited); row++)
        store(walk, &walk->output, row * walk->output.channel, 1, start, count,
              difference.bytes + row * TILE * walk->real_size);
    if (walk->tally)
        wrong |= add_up(walk, start, count, &first, &second, &difference, tally);
    return wrong;
}

void dde_work_gradient_tile(const dde_gradient_walk *walk, ptrdiff_t start)
{
    const dde_walk *at = &walk->at;
    const ptrdiff_t left = at->size - start, count = left < TILE ? left : TILE;
    buffer first, second, upstream, gradients[2];

    load(at, &at->inputs[0], start, count, &first);
    load(at, &walk->upstream, start, count, &upstream);
    if (!walk->difference) {
        walk->conversion(at->parameters, count, &first, &upstream);
        store(at, &walk->gradients[0], 0, 3, start, count, upstream.bytes);
        return;
    }
    load(at, &at->inputs[1], start, count, &second);
    walk->difference(at->parameters, count, &first, &second, &upstream, &gradients[0],
                     &gradients[1]);
    for (int side = 0; side < 2; side++)
        if (walk->gradients[side].data)
            store(at, &walk->gradients[side], 0, 3, start, count, gradients[side].bytes);
}
