/* Where features come from: what `foray hog` made, of what and how, without
 * anything that another machine or another hour would write otherwise. JSON
 * beside a .npy file, attributes of the dataset in an HDF5 file.
 *
 *     {"foray": "0.1.0", "command": "hog", "images": 2, "paths_sha256": "...",
 *      "shape": [2, 6804], "dtype": "f64",
 *      "row": {"shape": [14, 6, 3, 3, 9], "blocks_r": 14, ...},
 *      "options": {"method": "skimage", ...}, "status": {"ok": 2}}
 *
 * The name of an attribute is that of the member, in an object "row.shape".
 */
#ifndef FORAY_TOOLS_IMAGES_PROVENANCE_H
#define FORAY_TOOLS_IMAGES_PROVENANCE_H

#include <stdint.h>
#include <stdio.h>

#include <foray/hdf5.h>
#include <foray/hog_batch.h>

enum { PROVENANCE_ITEMS = 64, PROVENANCE_NAME = 40 };

enum provenance_kind {
    PROVENANCE_NULL, /* an option that is not there; no attribute */
    PROVENANCE_TEXT,
    PROVENANCE_BOOL,
    PROVENANCE_INTEGERS, /* one, or a list */
    PROVENANCE_NUMBER
};

struct provenance_item {
    const char *group; /* the object it stands in, NULL: outermost */
    const char *name;
    enum provenance_kind kind;
    const char *text;
    int64_t integers[5];
    int n; /* how long the list is, 0: a single one */
    double number;
    uint8_t yes;
};

struct provenance {
    struct provenance_item items[PROVENANCE_ITEMS];
    int n;
};

/* Add an item; the text must outlive the provenance. */
void provenance_text(struct provenance *provenance, const char *group,
                     const char *name, const char *text);
void provenance_bool(struct provenance *provenance, const char *group,
                     const char *name, bool yes);
void provenance_integer(struct provenance *provenance, const char *group,
                        const char *name, uint64_t integer);
void provenance_list(struct provenance *provenance, const char *group,
                     const char *name, const size_t *list, int n);
void provenance_number(struct provenance *provenance, const char *group,
                       const char *name, double number);
void provenance_null(struct provenance *provenance, const char *group,
                     const char *name);

/* Write the value of an item, as JSON. */
void provenance_write_value(FILE *file, const struct provenance_item *item);

/* Write all of it, a line an item. */
void provenance_write(FILE *file, const struct provenance *provenance);

/* The attributes that say the same. Returns how many. They point into the
 * provenance and into `names`. */
size_t
provenance_attributes(struct foray_hdf5_attribute attributes[PROVENANCE_ITEMS],
                      char names[PROVENANCE_ITEMS][PROVENANCE_NAME],
                      const struct provenance *provenance);

#endif
