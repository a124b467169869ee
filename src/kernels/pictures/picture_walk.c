#include "pictures/picture_walk.h"

#include <math.h>
#include <string.h>

#define SLACK 80 /* values beyond a row that a kernel may read, or write */
#define SHIFTED_ROWS (2 * MOST_REACH + 2 + ROWS_AT_ONCE)
#define MOST_REACH 4

typedef struct {
    const dde_picture *picture;
    ptrdiff_t column;        /* the first of the tile; may lie before the image */
    ptrdiff_t left, right;   /* columns of the tile that lie in the image: from, and up to */
    ptrdiff_t next_source;   /* the next row to be filtered along; may lie beyond the image */
    ptrdiff_t next_row;      /* the next row of channels to be made */
    ptrdiff_t end_row;       /* behind the last row of channels that is needed */
    int outside;
    float *planar;           /* a tile of 3 channels, for loading */
    float *source;           /* a row of 3 channels, of width source_width */
    ptrdiff_t source_width;
    float *rings[2][DDE_MOST_LINES]; /* ring_rows rows of TILE each */
    ptrdiff_t ring_rows;
    float *made[ROWS_AT_ONCE][2];    /* rows of channels */
    float *kept[SHIFTED_ROWS][2];    /* rows of Lab that shifts look at, by row modulo SHIFTED_ROWS */
    float *least[2][SHIFTED_ROWS];   /* of each direction, likewise */
    float *difference, *gradient;
} strip;

static int reach_of(const dde_picture *picture)
{
    return picture->shift ? picture->shift : picture->slack > 0;
}

ptrdiff_t dde_strip_width(const dde_picture *picture) { return TILE - 4 * reach_of(picture); }

/* Gives out the scratch memory; with `at` NULL it only counts. */
static float *take(char **at, size_t *total, size_t values)
{
    const size_t bytes = (values * sizeof(float) + 63) / 64 * 64;
    char *given = *at;
    *total += bytes;
    if (given)
        *at += bytes;
    return (float *)given;
}

static size_t lay_out(strip *s, char *at)
{
    const dde_picture *picture = s->picture;
    const dde_bank *bank = &picture->bank;
    const size_t channels = bank->n_lines ? bank->n_channels : 3, tile = channels * TILE + SLACK;
    size_t total = 0;
    s->source_width = TILE + 2 * bank->margin + SLACK;
    s->ring_rows = 2 * bank->margin + ROWS_AT_ONCE;
    s->planar = take(&at, &total, 3 * TILE + SLACK);
    s->source = take(&at, &total, 3 * s->source_width);
    for (int image = 0; image < 2; image++)
        for (int line = 0; line < bank->n_lines; line++)
            s->rings[image][line] = take(&at, &total, s->ring_rows * TILE);
    for (int row = 0; row < ROWS_AT_ONCE; row++)
        for (int image = 0; image < 2; image++)
            s->made[row][image] = take(&at, &total, tile);
    for (int row = 0; row < SHIFTED_ROWS && reach_of(picture); row++)
        for (int image = 0; image < 2; image++) {
            s->kept[row][image] = take(&at, &total, tile);
            s->least[image][row] = take(&at, &total, TILE + SLACK);
        }
    s->difference = take(&at, &total, TILE + SLACK);
    s->gradient = take(&at, &total, TILE + SLACK);
    return total;
}

size_t dde_strip_scratch(const dde_picture *picture)
{
    strip counted = {.picture = picture};
    return lay_out(&counted, NULL);
}

static ptrdiff_t clamped(ptrdiff_t place, ptrdiff_t size)
{
    return place < 0 ? 0 : place >= size ? size - 1 : place;
}

/* The place in the image whose colour stands at a place that may lie beyond its border. */
static ptrdiff_t mirrored(const dde_bank *bank, ptrdiff_t place, ptrdiff_t size)
{
    if (!bank->reflected || (place >= 0 && place < size))
        return clamped(place, size);
    const ptrdiff_t around = ((place % (2 * size)) + 2 * size) % (2 * size);
    return around < size ? around : 2 * size - 1 - around;
}

/* Loads `count` columns of a row into 3 channels, `width` values apart. */
static int load_columns(const strip *s, int image, ptrdiff_t row, ptrdiff_t column, ptrdiff_t count,
                        float *to, ptrdiff_t width)
{
    const dde_channels *input = &s->picture->inputs[image];
    int outside = 0;
    for (ptrdiff_t done = 0; done < count;) {
        const ptrdiff_t part = count - done < TILE ? count - done : TILE;
        const dde_run run = {input->view.data + row * input->view.strides[0] +
                                 (column + done) * input->view.strides[1],
                             input->view.strides[1], input->view.channel, part};
        outside |= input->load(run, s->planar);
        for (int channel = 0; channel < 3 && part < TILE; channel++)
            memset(s->planar + channel * TILE + part, 0, (TILE - part) * sizeof(float));
        for (int i = 0; i < input->n_steps; i++)
            input->steps[i].convert(input->steps[i].parameters, part, s->planar);
        for (int channel = 0; channel < 3; channel++)
            memcpy(to + channel * width + done, s->planar + channel * TILE, part * sizeof(float));
        done += part;
    }
    return outside;
}

/* A row of the image with its margins, and what stands beyond the border: 3 channels. */
static void load_row(strip *s, int image, ptrdiff_t row)
{
    const dde_picture *picture = s->picture;
    const ptrdiff_t margin = picture->bank.margin, width = picture->width;
    const ptrdiff_t before = s->column - margin; /* the first column that is seen */
    const ptrdiff_t first = clamped(before, width);
    const ptrdiff_t end = clamped(s->column + s->right + margin - 1, width) + 1;
    const ptrdiff_t seen = s->right + 2 * margin;
    const ptrdiff_t in_image = mirrored(&picture->bank, row, picture->height);
    s->outside |= (1 + image) * load_columns(s, image, in_image - picture->first_row, first,
                                             end - first, s->source + (first - before),
                                             s->source_width);
    for (int channel = 0; channel < 3; channel++) {
        float *values = s->source + channel * s->source_width;
        for (ptrdiff_t i = 0; i < first - before; i++)
            values[i] = values[mirrored(&picture->bank, before + i, width) - before];
        for (ptrdiff_t i = end - before; i < seen; i++)
            values[i] = values[mirrored(&picture->bank, before + i, width) - before];
        memset(values + seen, 0, (s->source_width - seen) * sizeof(float));
    }
}

static void filter_source_row(strip *s, int image, ptrdiff_t row)
{
    const dde_bank *bank = &s->picture->bank;
    const ptrdiff_t place = ((row % s->ring_rows) + s->ring_rows) % s->ring_rows;
    load_row(s, image, row);
    for (int n = 0; n < bank->n_lines; n++) {
        const dde_line *line = &bank->lines[n];
        s->picture->kernels->filter_row(
            line->taps, line->radius,
            s->source + line->input * s->source_width + (bank->margin - line->radius),
            s->rings[image][n] + place * TILE);
    }
}

static void add_sum(strip *s, int image, const dde_sum *sum)
{
    const float *rows[2 * DDE_MOST_RADIUS + ROWS_AT_ONCE];
    float *to[ROWS_AT_ONCE];
    for (int n = 0; n < 2 * sum->radius + ROWS_AT_ONCE; n++) {
        const ptrdiff_t row = s->next_row - sum->radius + n;
        const ptrdiff_t place = ((row % s->ring_rows) + s->ring_rows) % s->ring_rows;
        rows[n] = s->rings[image][sum->line] + place * TILE;
    }
    for (int n = 0; n < ROWS_AT_ONCE; n++)
        to[n] = s->made[n][image] + sum->output * TILE;
    s->picture->kernels->filter_columns(sum->taps, sum->radius, rows, to);
}

/* Makes the next ROWS_AT_ONCE rows of channels, of both images. */
static void make_rows(strip *s)
{
    const dde_picture *picture = s->picture;
    const dde_bank *bank = &picture->bank;
    const ptrdiff_t end = s->next_row + ROWS_AT_ONCE;
    const ptrdiff_t end_source = (end < s->end_row ? end : s->end_row) + bank->margin;
    for (; bank->n_lines && s->next_source < end_source; s->next_source++)
        for (int image = 0; image < 2; image++)
            filter_source_row(s, image, s->next_source);
    for (int image = 0; image < 2; image++) {
        for (int n = 0; n < ROWS_AT_ONCE && bank->n_lines; n++)
            memset(s->made[n][image], 0, bank->n_channels * TILE * sizeof(float));
        for (int n = 0; n < bank->n_sums; n++)
            add_sum(s, image, &bank->sums[n]);
        for (int n = 0; n < ROWS_AT_ONCE; n++) {
            const ptrdiff_t row = s->next_row + n;
            if (!bank->n_lines && row < s->end_row)
                s->outside |= (1 + image) *
                              load_columns(s, image, row - picture->first_row, s->column + s->left,
                                           s->right - s->left, s->made[n][image] + s->left, TILE);
            for (int i = 0; i < bank->n_finish; i++)
                bank->finish[i].convert(bank->finish[i].parameters, TILE, s->made[n][image]);
        }
    }
    s->next_row = end;
}

static void store_row(const strip *s, const float *from, ptrdiff_t column, ptrdiff_t row,
                      ptrdiff_t count)
{
    const dde_view *to = &s->picture->output;
    char *at = to->data + (row - s->picture->output_row) * to->strides[0] + column * to->strides[1];
    if (to->strides[1] == sizeof(float)) {
        memcpy(at, from, count * sizeof(float));
        return;
    }
    for (ptrdiff_t i = 0; i < count; i++, at += to->strides[1])
        memcpy(at, from + i, sizeof(float));
}

static void compare_rows(strip *s, ptrdiff_t start, ptrdiff_t stop)
{
    const dde_picture *picture = s->picture;
    for (ptrdiff_t row = start; row < stop; row++) {
        if (row == s->next_row)
            make_rows(s);
        const int n = (int)(row - (s->next_row - ROWS_AT_ONCE));
        picture->compare(picture->parameters, s->right, s->made[n][0], s->made[n][1], s->difference);
        store_row(s, s->difference, s->column, row, s->right);
    }
}

/* ---- The tolerance of shifts ------------------------------------------------------------------ */

/* Beyond the border stand the pixels at it: each is a neighbour already of whatever looks there. */
static void repeat_border(const strip *s, float *tile)
{
    for (int channel = 0; channel < 3; channel++, tile += TILE) {
        for (ptrdiff_t i = 0; i < s->left; i++)
            tile[i] = tile[s->left];
        for (ptrdiff_t i = s->right; i < TILE; i++)
            tile[i] = tile[s->right - 1];
    }
}

/* The rows of Lab up to this one are there, as far as they lie in the image. */
static void keep_rows(strip *s, ptrdiff_t row)
{
    while (s->next_row <= row && s->next_row < s->end_row) {
        const ptrdiff_t first = s->next_row;
        make_rows(s);
        for (ptrdiff_t n = 0; n < ROWS_AT_ONCE && first + n < s->end_row; n++)
            for (int image = 0; image < 2; image++) {
                float *to = s->kept[(first + n) % SHIFTED_ROWS][image];
                memcpy(to, s->made[n][image], 3 * TILE * sizeof(float));
                repeat_border(s, to);
            }
    }
}

static const float *kept_row(const strip *s, ptrdiff_t row, int image)
{
    return s->kept[clamped(row, s->picture->height) % SHIFTED_ROWS][image];
}

/* Compares row `row` of the reference with its neighbours in the sample. The tile has a border of
 * twice the reach: what is compared begins `reach` within it, and the result `reach` within that. */
static void compare_shifted(strip *s, ptrdiff_t row, ptrdiff_t start, ptrdiff_t stop)
{
    const dde_picture *picture = s->picture;
    const int shift = picture->shift, reach = reach_of(picture);
    const ptrdiff_t compared = TILE - 2 * reach, width = TILE - 4 * reach;
    const float *reference = kept_row(s, row, 0) + reach;
    for (int y = -shift; y <= shift; y++) {
        const int towards = row >= start && row < stop, back = row + y >= start && row + y < stop;
        for (int x = -shift; x <= shift && (towards || back); x++) {
            picture->compare(picture->parameters, compared, reference,
                             kept_row(s, row + y, 1) + reach + x, s->difference);
            if (towards)
                picture->kernels->keep_least(width, s->difference + reach,
                                             s->least[0][row % SHIFTED_ROWS]);
            if (back)
                picture->kernels->keep_least(width, s->difference + reach - x,
                                             s->least[1][(row + y) % SHIFTED_ROWS]);
        }
    }
}

/* The largest difference between a pixel of the reference and those beside, above and below it. */
static void measure_gradient(strip *s, ptrdiff_t row)
{
    static const int beside[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    const dde_picture *picture = s->picture;
    const int reach = reach_of(picture);
    memset(s->gradient, 0, TILE * sizeof(float));
    for (int n = 0; n < 4 && picture->slack > 0; n++) {
        picture->compare(picture->parameters, TILE - 2 * reach, kept_row(s, row, 0) + reach,
                         kept_row(s, row + beside[n][1], 0) + reach + beside[n][0], s->difference);
        picture->kernels->keep_largest(TILE - 4 * reach, s->difference + reach, s->gradient);
    }
}

static void compare_neighbours(strip *s, ptrdiff_t column, ptrdiff_t start, ptrdiff_t stop)
{
    const dde_picture *picture = s->picture;
    const int shift = picture->shift, reach = reach_of(picture);
    const ptrdiff_t width = TILE - 4 * reach, left = picture->width - column;
    for (ptrdiff_t row = start - shift; row < stop + shift; row++) {
        const ptrdiff_t done = row - shift, opened = row + shift;
        keep_rows(s, row + reach);
        for (ptrdiff_t i = 0; i < width && opened < stop; i++)
            s->least[0][opened % SHIFTED_ROWS][i] = s->least[1][opened % SHIFTED_ROWS][i] = INFINITY;
        compare_shifted(s, row, start, stop);
        if (done < start)
            continue;
        measure_gradient(s, done);
        picture->kernels->tolerate(width, s->least[0][done % SHIFTED_ROWS],
                                   s->least[1][done % SHIFTED_ROWS], s->gradient, picture->slack,
                                   s->difference);
        store_row(s, s->difference, column, done, left < width ? left : width);
    }
}

int dde_work_strip(const dde_picture *picture, ptrdiff_t column, ptrdiff_t start, ptrdiff_t stop,
                   void *scratch)
{
    const ptrdiff_t reach = reach_of(picture);
    strip s = {.picture = picture, .column = column - 2 * reach};
    s.left = s.column < 0 ? -s.column : 0;
    s.right = picture->width - s.column < TILE ? picture->width - s.column : TILE;
    s.next_row = start - 2 * reach < 0 ? 0 : start - 2 * reach;
    s.next_source = s.next_row - picture->bank.margin;
    s.end_row = stop + 2 * reach < picture->height ? stop + 2 * reach : picture->height;
    memset(scratch, 0, lay_out(&s, scratch));
    if (reach)
        compare_neighbours(&s, column, start, stop);
    else
        compare_rows(&s, start, stop);
    return s.outside;
}
