/* Votes of pixels for directions. */
#include "image/uoctti.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static struct foray__uoctti_place place_of(size_t at, size_t cell,
                                           size_t n_cells)
{
    float centre = ((float)at + 0.5F) / (float)cell - 0.5F;
    float before = floorf(centre), towards = centre - before;
    struct foray__uoctti_place place = {{0}, {0}};

    if (before >= 0 && before < (float)n_cells) {
        place.cell[0] = (size_t)before;
        place.weight[0] = 1 - towards;
    }
    if (before + 1 < (float)n_cells) {
        place.cell[1] = (size_t)(before + 1);
        place.weight[1] = towards;
    }
    return place;
}

/* A choice by bits: without a branch, and an infinite number not chosen leaves
 * nothing behind. */
static inline float choose(bool first, float a, float b)
{
    uint32_t mask = -(uint32_t)first, one, other;

    memcpy(&one, &a, sizeof one);
    memcpy(&other, &b, sizeof other);
    other ^= (one ^ other) & mask;
    memcpy(&b, &other, sizeof b);
    return b;
}

/* Of the channels the longest gradient, the first of equals. The outermost
 * pixels have none. */
static void take_gradients(const struct foray__uoctti *work, size_t y)
{
    size_t step = work->channels, line = work->cols * step;
    float *restrict dx = work->gradients.dx, *restrict dy = work->gradients.dy;
    float *restrict square = work->gradients.square;

    memset(dx, 0, work->cols * sizeof *dx);
    memset(dy, 0, work->cols * sizeof *dy);
    memset(square, 0, work->cols * sizeof *square);
    for (size_t c = 0; c < step; c++) {
        const float *here = work->pixels + y * line + c;
        const float *above = here - line, *below = here + line;

        for (size_t x = 1; x + 1 < work->cols; x++) {
            float gx = here[(x + 1) * step] - here[(x - 1) * step];
            float gy = below[x * step] - above[x * step];
            float length = gx * gx + gy * gy;
            bool longer = length > square[x];

            dx[x] = choose(longer, gx, dx[x]);
            dy[x] = choose(longer, gy, dy[x]);
            square[x] = choose(longer, length, square[x]);
        }
    }
}

/* The direction that each gradient comes nearest to, the first of equals: k, or
 * k + n for its opposite. Lengths take the place of squares, unit vectors that
 * of gradients. */
static void take_directions(const struct foray__uoctti *work)
{
    float *restrict dx = work->gradients.dx, *restrict dy = work->gradients.dy;
    float *restrict square = work->gradients.square;
    float *restrict best = work->gradients.score;
    int32_t *restrict bin = work->gradients.bin;
    size_t n = work->cols;

    for (size_t x = 0; x < n; x++) {
        float length = sqrtf(square[x]);
        float unit = length > 1e-10F ? length : 1e-10F;

        square[x] = length;
        dx[x] /= unit;
        dy[x] /= unit;
        best[x] = 0;
        bin[x] = 2 * work->n;
    }
    for (int k = 0; k < work->n; k++) {
        float cosine = work->cosine[k], sine = work->sine[k];

        for (size_t x = 0; x < n; x++) {
            float score = dx[x] * cosine + dy[x] * sine;
            int32_t opposite = -(score < 0), nearer;

            score = fabsf(score);
            /* Masks, not choices: they vectorize. */
            nearer = -(score > best[x]);
            best[x] = score > best[x] ? score : best[x];
            bin[x] ^= (bin[x] ^ (k + (opposite & work->n))) & nearer;
        }
    }
}

static void add_votes(const struct foray__uoctti *work, size_t y)
{
    const struct foray__uoctti_place down =
        place_of(y, work->cell, work->n_cell_rows);
    size_t width = work->n_cell_cols, level = 2 * (size_t)work->n * width;
    float *upper = work->histogram + down.cell[0] * level;
    float *lower = work->histogram + down.cell[1] * level;

    for (size_t x = 1; x + 1 < work->cols; x++) {
        const struct foray__uoctti_place *across = &work->across[x];
        size_t bin = (size_t)work->gradients.bin[x];
        float left = work->gradients.square[x] * across->weight[0];
        float right = work->gradients.square[x] * across->weight[1];

        if (bin == 2 * (size_t)work->n)
            continue;
        upper[bin * width + across->cell[0]] += left * down.weight[0];
        upper[bin * width + across->cell[1]] += right * down.weight[0];
        lower[bin * width + across->cell[0]] += left * down.weight[1];
        lower[bin * width + across->cell[1]] += right * down.weight[1];
    }
}

void foray__uoctti_begin(const struct foray__uoctti *work)
{
    memset(work->histogram, 0,
           2 * (size_t)work->n * work->n_cell_rows * work->n_cell_cols *
               sizeof *work->histogram);
    for (int k = 0; k < work->n; k++) {
        work->cosine[k] = (float)cos(k * M_PI / work->n);
        work->sine[k] = (float)sin(k * M_PI / work->n);
    }
    for (size_t x = 0; x < work->cols; x++)
        work->across[x] = place_of(x, work->cell, work->n_cell_cols);
}

void foray__uoctti_vote(const struct foray__uoctti *work, size_t y)
{
    take_gradients(work, y);
    take_directions(work);
    add_votes(work, y);
}
