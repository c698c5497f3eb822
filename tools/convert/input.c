#include "convert/input.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <foray/dataset.h>
#include <foray/npz.h>
#include <foray/storage.h>

#include "convert/csv.h"
#include "convert/stack.h"
#include "data/dataset.h"
#include "data/output.h"
#include "shell/command.h"
#include "shell/message.h"
#include "shell/options.h"

bool convert_is_raw(const char *path)
{
    return output_has_suffix(path, ".raw");
}

static int open_raw(struct foray_array *out, const char *path,
                    const struct convert_raw *raw, struct foray_error *err)
{
    struct foray_dataset where = {
        .dtype = raw->dtype, .swapped = raw->swapped, .ndim = raw->ndim};

    memcpy(where.shape, raw->shape, sizeof where.shape);
    return foray_array_map(out, path, "r", &where, err);
}

static int open_dataset(struct foray_array *out, const struct dataset *dataset,
                        struct foray_pool *pool, struct foray_error *err)
{
    /* Nobody looks at the checksum of what is only mapped. */
    if (dataset->format == DATASET_NPZ &&
        foray_npz_verify(dataset->path, dataset->member, err))
        return err->code;
    return dataset_open(out, dataset, pool, "r", err);
}

static bool is_folder(const char *path)
{
    struct stat st;

    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int convert_open(struct foray_array *out, const char *text,
                 const struct convert_raw *raw, struct foray_pool *pool)
{
    struct foray_error err = {0};
    struct dataset dataset;
    int code, status;

    memset(out, 0, sizeof *out);
    if (convert_is_raw(text) && (!raw->dtype || raw->ndim < 0))
        return options_wrong("%s says nothing of itself: give --dtype and "
                             "--shape",
                             text);
    if (convert_is_raw(text)) {
        code = open_raw(out, text, raw, &err);
    } else if (is_folder(text)) {
        code = stack_open(out, text, pool, &err);
    } else if (output_has_suffix(text, ".csv")) {
        code = csv_open(out, text, &err);
    } else {
        status = dataset_find(&dataset, text);
        if (status != STATUS_DONE)
            return status;
        code = open_dataset(out, &dataset, pool, &err);
        dataset_free(&dataset);
    }
    if (code)
        message("%s", err.msg);
    return code ? STATUS_FAILED : STATUS_DONE;
}
