/* What became of each image of `foray resize`, in a file in the folder of the
 * images, as long as the run is not over: whoever begins it again finds which
 * of them are made. An image gets its name when it is whole, and then its
 * record says which file it was made from and what was made; it counts as long
 * as both files are these.
 *
 * The file's name is of the list of images and of the options, so that another
 * run neither finds it nor is hindered. */
#ifndef FORAY_TOOLS_RESIZE_RECORDS_H
#define FORAY_TOOLS_RESIZE_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>

#include "resize/run.h"

/* Plain bytes, kept in a file. */
struct resize_record {
    uint64_t bytes, made_bytes;      /* of input and output */
    int64_t mtime_ns, made_mtime_ns; /* likewise */
    uint32_t rows, cols;             /* of the input */
    float seconds;                   /* to read, resample and write it */
    uint8_t done;                    /* the output is there */
    uint8_t unwritten;               /* it failed, by no fault of the image */
};

struct resize_records {
    char *path;
    struct foray_array array; /* u8 (n, sizeof record) */
    uint8_t *done;            /* n: whether it was when this run began */
    size_t n_before;          /* how many were */
};

/* Record i. */
struct resize_record *resize_record_of(const struct resize_records *records,
                                       size_t i);

/* Take over what a run left that was interrupted, unless it is to begin anew,
 * or make it. Errors: FORAY_EBUSY (the same is running); FORAY_ENOENT (there is
 * nothing to go on with, and the run asks for that); FORAY_ENOMEM; those of
 * foray_array_create. */
int resize_records_open(struct resize_records *out,
                        const struct resize_run *run, char *const *outputs,
                        struct foray_error *err);

/* An output has its name: note what it was made of, which was looked at before
 * it was read. */
void resize_record_done(struct resize_record *record, const char *output);

void resize_records_close(struct resize_records *records, bool stays);

#endif
