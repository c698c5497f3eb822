#include "resize/records.h"

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/hog_batch.h>
#include <foray/storage.h>

#include "data/beside.h"
#include "shell/message.h"

struct resize_record *resize_record_of(const struct resize_records *records,
                                       size_t i)
{
    return foray_row(&records->array, i);
}

/* What the images that are made depend on beside the files. */
static char *describe(const struct resize_run *run)
{
    const struct foray_image_options *image = &run->image;
    char *text;

    if (asprintf(&text,
                 "foray %s resize %zux%zu filter %d fit %d jpeg-scale %d "
                 "color %d exif %d truncated %d format %d suffix %s quality %d",
                 PACKAGE_VERSION, image->rows, image->cols, (int)image->filter,
                 (int)image->fit, (int)image->jpeg_scale, (int)image->color,
                 image->exif, image->truncated, (int)run->format,
                 run->suffix ? run->suffix : "", run->quality) < 0)
        return NULL;
    return text;
}

/* DIR/.resize-0123456789abcdef */
static int make_name(struct resize_records *out, const struct resize_run *run,
                     struct foray_error *err)
{
    const char **texts = malloc((run->n + 1) * sizeof *texts);
    char digest[FORAY_HOG_DIGEST_SIZE], *options = describe(run);
    int length = -1;

    if (texts && options) {
        texts[0] = options;
        memcpy(texts + 1, run->paths, run->n * sizeof *texts);
        foray_hog_digest(digest, texts, run->n + 1);
        length = asprintf(&out->path, "%s/.resize-%.16s", run->folder, digest);
    }
    free(texts);
    free(options);
    if (length >= 0)
        return 0;
    out->path = NULL;
    return message_error(err, FORAY_ENOMEM, "no memory for %zu names", run->n);
}

/* What an earlier run left, according to the options. */
static int look_back(const struct resize_records *records,
                     const struct resize_run *run, struct foray_error *err)
{
    char *partial;
    int missing;

    if (run->restart)
        return foray_array_discard(records->path, err);
    if (!run->resume)
        return 0;
    partial = beside_name(records->path, err);
    if (!partial)
        return FORAY_ENOMEM;
    missing = access(partial, F_OK);
    free(partial);
    if (!missing)
        return 0;
    return message_error(err, FORAY_ENOENT,
                         "%s: no run of these images with these options was "
                         "interrupted; --resume begins none",
                         run->folder);
}

static bool look_at(uint64_t *bytes, int64_t *mtime_ns, const char *output)
{
    struct stat st;

    if (stat(output, &st))
        return false;
    *bytes = (uint64_t)st.st_size;
    *mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    return true;
}

/* Whether both files are what they were. */
static bool still_counts(const struct resize_record *record, const char *input,
                         const char *output)
{
    uint64_t bytes = 0, made_bytes = 0;
    int64_t mtime_ns = 0, made_mtime_ns = 0;

    return record->done && look_at(&made_bytes, &made_mtime_ns, output) &&
           !foray_image_stat(&bytes, &mtime_ns, input, NULL) &&
           bytes == record->bytes && mtime_ns == record->mtime_ns &&
           made_bytes == record->made_bytes &&
           made_mtime_ns == record->made_mtime_ns;
}

static int find_done(struct resize_records *out, const struct resize_run *run,
                     char *const *outputs, struct foray_error *err)
{
    out->done = calloc(run->n + 1, 1);
    if (!out->done)
        return message_error(err, FORAY_ENOMEM, "no memory for %zu images",
                             run->n);
    for (size_t i = 0; i < run->n; i++) {
        struct resize_record *record = resize_record_of(out, i);

        out->done[i] = record->done =
            still_counts(record, run->paths[i], outputs[i]);
        out->n_before += record->done;
    }
    return 0;
}

int resize_records_open(struct resize_records *out,
                        const struct resize_run *run, char *const *outputs,
                        struct foray_error *err)
{
    const struct foray_placement stays = {.partial = true, .resumable = true};
    const size_t shape[2] = {run->n, sizeof(struct resize_record)};
    int code = make_name(out, run, err);

    if (!code)
        code = look_back(out, run, err);
    if (!code)
        code = foray_array_create_at(&out->array, out->path, FORAY_U8, 2, shape,
                                     &stays, err);
    if (!code)
        code = find_done(out, run, outputs, err);
    return code;
}

void resize_record_done(struct resize_record *record, const char *output)
{
    record->done = look_at(&record->made_bytes, &record->made_mtime_ns, output);
}

void resize_records_close(struct resize_records *records, bool stays)
{
    bool made = records->array.segment != NULL;

    foray_array_close(&records->array, NULL);
    if (made && !stays)
        foray_array_discard(records->path, NULL);
    free(records->done);
    free(records->path);
    memset(records, 0, sizeof *records);
}
