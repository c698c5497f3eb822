/* Any bytes as an index that an earlier run wrote, JSON lines if the first one
 * is odd, else CSV: no crash, no leak; each image that is read has a path that
 * can be told in CSV, and a status.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images/index_in.h"
#include "shell/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

static void check_key(const char *path)
{
    char *key = index_key(path);
    const char *at = key;

    while (at && *at) {
        int length = message_utf8_length(at);

        if (!length)
            abort();
        at += length;
    }
    if (key != path)
        free(key);
}

static void check_index(const struct index_in *index)
{
    for (size_t i = 0; i < index->n; i++) {
        const struct foray_hog_row *row = &index->rows[i];

        if (row->status > FORAY_IMAGE_STATUS_GONE ||
            (row->message && strlen(row->message) >= FORAY_HOG_MESSAGE_SIZE))
            abort();
        check_key(index->paths[i]);
    }
}

static void read_file(FILE *file, bool json)
{
    struct index_in index;
    int code = index_read(&index, file, json, "index");

    if (code && (code != -1 || index.n || index.rows || index.paths))
        abort();
    check_index(&index);
    index_free(&index);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    static FILE *nowhere;
    FILE *file, *err = stderr;

    if (nbytes < 2)
        return 0;
    if (!nowhere && !(nowhere = fopen("/dev/null", "w")))
        exit(99);
    file = fmemopen((void *)(bytes + 1), nbytes - 1, "r"); // NOLINT: it is read
    if (!file)
        exit(99);
    stderr = nowhere; /* a refusal says why */
    read_file(file, bytes[0] & 1);
    stderr = err;
    fclose(file);
    return 0;
}
