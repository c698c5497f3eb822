/* What fuzz targets of files of several arrays have in common. */
#ifndef FORAY_TESTS_FUZZ_FILES_H
#define FORAY_TESTS_FUZZ_FILES_H

#include <foray/dataset.h>

/* How a format lists and opens; `load` may be open with a mode. */
struct format {
    int (*list)(struct foray_dataset_list *out, const char *path,
                struct foray_error *err);
    int (*open)(struct foray_array *out, const char *path, const char *name,
                const char *mode, struct foray_error *err);
    int (*load)(struct foray_array *out, const char *path, const char *name,
                struct foray_error *err);
};

/* Any bytes as such a file: what is listed lies in it, what opens can be read,
 * in every way the same, and every failure leaves one sentence. */
void check_file(const struct format *format, const uint8_t *bytes,
                size_t nbytes);

#endif
