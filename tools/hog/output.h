/* The features that `foray hog` makes: a .npy file, or the dataset `features`
 * of an HDF5 file with `paths` and `status` beside it and attributes; of images
 * that keep their sizes `offsets` and `shapes`, too. Built beside its name,
 * which it gets at the end. */
#ifndef FORAY_TOOLS_HOG_OUTPUT_H
#define FORAY_TOOLS_HOG_OUTPUT_H

#include <stdbool.h>

#include <foray/hog_batch.h>
#include <foray/pool.h>

#include "images/provenance.h"

struct hog_output {
    const char *path;
    char *beside; /* an HDF5 file on its way; NULL: none */
    char *kept;   /* a file of some of the rows only; NULL: none */
    bool is_hdf5;
    bool made;                      /* and not committed yet */
    struct foray_array features;    /* to be filled */
    struct foray_hog_place *places; /* in it, of images that keep their sizes;
                                       NULL: they have one */
};

/* Whether features can go there: .npy, .h5, .hdf5. */
bool hog_output_is_name(const char *path);
bool hog_output_is_hdf5(const char *path);

/* Make the array, or take over what a run left that was interrupted. `places`
 * are the batch's.
 * Errors: those of foray_array_create, or of HDF5. */
int hog_output_begin(struct hog_output *output, const char *path,
                     const struct foray_hog_plan *plan,
                     struct foray_hog_place *places, struct foray_pool *pool,
                     struct foray_error *err);

/* Likewise, of rows that go into the output that is there, whatever that is:
 * beside it they are a .npy file. */
int hog_output_begin_rows(struct hog_output *output, const char *path,
                          const struct foray_hog_plan *plan,
                          struct foray_hog_place *places,
                          struct foray_error *err);

/* What an HDF5 file tells of its features. */
struct hog_output_about {
    const struct foray_hog_row *rows; /* what became of each image */
    const size_t *kept;               /* the images that have a row */
    size_t n;                         /* rows */
    char *const *paths;               /* of images, or NULL: "stack[i]" */
    const char *stack;
    size_t first;                         /* image of it */
    const struct foray_hog_place *places; /* of images that keep their sizes */
    const struct provenance *provenance;
};

/* Write it into the file, whose features are all there. */
int hog_output_tell(const char *file, const struct hog_output_about *about,
                    struct foray_pool *pool, struct foray_error *err);

/* All is there, and is on the disk when this returns; an HDF5 file gets what it
 * tells (NULL for .npy). Nothing has been replaced yet. */
int hog_output_finish(struct hog_output *output,
                      const struct hog_output_about *about,
                      struct foray_pool *pool, struct foray_error *err);

/* Give what is finished its name. */
int hog_output_install(struct hog_output *output, struct foray_error *err);

/* Close; what was not committed stays for a run that goes on, or is removed. */
int hog_output_end(struct hog_output *output, bool stays,
                   struct foray_error *err);

/* Remove what an interrupted run left. */
void hog_output_discard(const char *path);

#endif
