/* One array of a .npz file: found, its header read, its data to come. */
#ifndef FORAY_STORAGE_NPZ_FILE_H
#define FORAY_STORAGE_NPZ_FILE_H

#include <stdbool.h>

#include "array/npy.h"
#include "storage/input.h"
#include "storage/make.h"
#include "storage/zip.h"

struct foray__npz_member {
    const struct foray__zip *zip;
    const struct foray__zip_member *member;
    char *label;                     /* for messages: "x.npz:name" */
    uint64_t offset;                 /* of the member's bytes in the file */
    struct foray__npy_header header; /* its offset counts from there */
    struct foray__input input;       /* behind the header */
    uint32_t crc;                    /* of what was read so far */
};

/* Whether a member is a .npy file, and how much of its name is the array's: "x"
 * of "x.npy". */
bool foray__npz_is_array(const struct foray__zip_member *member,
                         size_t *length);

/* The member that holds an array (`name` NULL: the only one, or "arr_0").
 * Errors: FORAY_ENOENT, which tells some that are there. */
int foray__npz_find(const struct foray__zip_member **out,
                    const struct foray__zip *zip, const char *name,
                    struct foray_error *err);

/* Open a member and read its header. The archive stays open as long.
 * Errors: those of foray__zip_locate, foray__input_open, foray__npy_parse. */
int foray__npz_member_open(struct foray__npz_member *out,
                           const struct foray__zip *zip,
                           const struct foray__zip_member *member,
                           struct foray_error *err);

/* The same without a header, for what has none. */
int foray__npz_member_begin(struct foray__npz_member *out,
                            const struct foray__zip *zip,
                            const struct foray__zip_member *member,
                            struct foray_error *err);

/* Read what is left of the member, and verify the checksum.
 * Errors: FORAY_EFORMAT, FORAY_ETRUNCATED. */
int foray__npz_member_end(struct foray__npz_member *member,
                          struct foray_error *err);

void foray__npz_member_close(struct foray__npz_member *member);

/* Put the array's data into a sink, and verify the checksum; once.
 * Errors: FORAY_EFORMAT, FORAY_ETRUNCATED. */
int foray__npz_fill(struct foray__npz_member *member,
                    const struct foray__sink *sink, size_t offset,
                    struct foray_error *err);

/* The same for an array that foray__make has made of the layout, without a
 * fill function: its header lies before its data, and stays. */
int foray__npz_fill_array(struct foray__npz_member *member,
                          const struct foray_array *array,
                          struct foray_error *err);

#endif
