/* What the steps of HOG as VLFeat has it, UoCTTI, share; see uoctti.c. */
#ifndef FORAY_IMAGE_UOCTTI_H
#define FORAY_IMAGE_UOCTTI_H

#include <stddef.h>
#include <stdint.h>

/* Where along one axis a pixel votes: two cells, and how much for each; nothing
 * for one outside the grid. */
struct foray__uoctti_place {
    size_t cell[2];
    float weight[2];
};

/* Gradients of one row of pixels. */
struct foray__uoctti_gradients {
    float *dx, *dy, *square; /* of the channel where it is longest */
    float *score;            /* how near the nearest direction is */
    int32_t *bin;            /* that direction, or 2n: there is no gradient */
};

/* The work on one image. */
struct foray__uoctti {
    const struct foray__hog_kernel *kernel;
    int n; /* undirected orientations */
    size_t cell, rows, cols, channels;
    size_t n_cell_rows, n_cell_cols;
    float *pixels; /* rows x cols x channels */
    struct foray__uoctti_gradients gradients;
    struct foray__uoctti_place *across; /* of each column */
    float *histogram;                   /* cell rows x 2n x cell columns */
    float *energy;                      /* of each cell, undirected */
    float *cosine, *sine;
    double *factor, *texture; /* 4 x cell columns, of one row of cells */
    double *plane;            /* one of features, for the output's type */
    float *planes;            /* all of them */
};

/* No votes yet: an empty histogram, and where each column will vote. */
void foray__uoctti_begin(const struct foray__uoctti *work);

/* Add the votes of row y, neither the first nor the last: the outermost pixels
 * have none. */
void foray__uoctti_vote(const struct foray__uoctti *work, size_t y);

/* Make the planes of features from the histogram, when all have voted. */
void foray__uoctti_normalize(const struct foray__uoctti *work);

#endif
