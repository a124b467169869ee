#include "walk.h"

#include <stdalign.h>
#include <string.h>

/* A tile in double, the larger of the two precisions. */
typedef struct {
    alignas(64) char bytes[3 * TILE * sizeof(double)];
} buffer;

/* A position in the shape of a job. */
typedef struct {
    ptrdiff_t index[MAX_DIMENSIONS];
} cursor;

static cursor cursor_at(const dde_job *job, ptrdiff_t colour)
{
    cursor at;
    for (int d = job->dimensions - 1; d > 0; d--) {
        at.index[d] = colour % job->shape[d];
        colour /= job->shape[d];
    }
    at.index[0] = colour;
    return at;
}

/* The colours from the cursor to the end of its row, at most `limit`. */
static dde_run run_at(const dde_job *job, const dde_view *view, const cursor *at, ptrdiff_t limit)
{
    const int row = job->dimensions - 1;
    const ptrdiff_t left = job->shape[row] - at->index[row];
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

static void advance(const dde_job *job, cursor *at, ptrdiff_t count)
{
    int d = job->dimensions - 1;
    at->index[d] += count;
    while (d > 0 && at->index[d] == job->shape[d]) {
        at->index[d] = 0;
        at->index[--d]++;
    }
}

static void pad(const dde_job *job, ptrdiff_t count, buffer *planar)
{
    if (count == TILE)
        return;
    const ptrdiff_t padding = (PADDING - count % PADDING) % PADDING;
    for (int channel = 0; channel < 3; channel++)
        memset(planar->bytes + (channel * TILE + count) * job->real_size, 0,
               (size_t)(padding * job->real_size));
}

static int load(const dde_job *job, const dde_input *input, ptrdiff_t start, ptrdiff_t count,
                buffer *planar)
{
    cursor at = cursor_at(job, start);
    int outside = 0;
    for (ptrdiff_t done = 0; done < count;) {
        const dde_run run = run_at(job, &input->view, &at, count - done);
        PREFETCH_NEXT(run, 0);
        outside |= input->load(run, planar->bytes + done * job->real_size);
        advance(job, &at, run.count);
        done += run.count;
    }
    pad(job, count, planar);
    if (input->convert)
        input->convert(input->parameters, count, planar);
    return outside;
}

static void store(const dde_job *job, ptrdiff_t start, ptrdiff_t count, const buffer *planar)
{
    cursor at = cursor_at(job, start);
    const int channels = job->compare ? 1 : 3;
    for (ptrdiff_t done = 0; done < count;) {
        const dde_run run = run_at(job, &job->output, &at, count - done);
        PREFETCH_NEXT(run, 1);
        job->store(planar->bytes + done * job->real_size, channels, run);
        advance(job, &at, run.count);
        done += run.count;
    }
}

/* Converts the whole blocks of colours that are packed in both arrays; returns how many. */
static ptrdiff_t convert_packed(const dde_job *job, ptrdiff_t start, ptrdiff_t count)
{
    const cursor at = cursor_at(job, start);
    const dde_run from = run_at(job, &job->inputs[0].view, &at, count);
    const dde_run to = run_at(job, &job->output, &at, count);
    if (from.channel != job->real_size || from.step != 3 * from.channel ||
        to.channel != job->real_size || to.step != 3 * to.channel)
        return 0;
    const ptrdiff_t whole = from.count - from.count % BLOCK;
    job->convert_packed(job->inputs[0].parameters, whole, from.data, to.data);
    return whole;
}

int dde_work_tile(const dde_job *job, ptrdiff_t start)
{
    ptrdiff_t left = job->size - start, count = left < TILE ? left : TILE;
    buffer first, second, difference;

    if (job->convert_packed) {
        const ptrdiff_t done = convert_packed(job, start, count);
        start += done, count -= done;
        if (count == 0)
            return 0;
    }
    int outside = load(job, &job->inputs[0], start, count, &first);
    if (!job->compare) {
        store(job, start, count, &first);
        return outside;
    }
    outside |= 2 * load(job, &job->inputs[1], start, count, &second);
    job->compare(job->parameters, count, &first, &second, &difference);
    store(job, start, count, &difference);
    return outside;
}
