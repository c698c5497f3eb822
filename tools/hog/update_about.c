#include "hog/update_about.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/dataset.h>
#include <foray/storage.h>

#include "data/hdf5_door.h"
#include "hog/output.h"
#include "hog/provenance.h"
#include "hog/update_hdf5.h"
#include "images/provenance_in.h"
#include "shell/json_text.h"
#include "shell/message.h"

/* The options as this run means them, as JSON: no images. NULL after a
 * message. Owner: the caller. */
static char *describe(struct hog_provenance *now, const struct hog_run *run)
{
    struct hog_run none = *run;
    const struct foray_hog_plan plan = {
        .dtype = run->batch.dtype ? run->batch.dtype : FORAY_F64};
    struct foray_error err;
    char *text;

    none.batch.n = 0;
    if (hog_provenance_fill(now, &none, &plan, NULL, 0, &err)) {
        message("%s", err.msg);
        return NULL;
    }
    text = provenance_text_of(&now->items);
    if (!text)
        message("out of memory");
    return text;
}

static bool matters(const struct provenance_item *item)
{
    return (!item->group && !strcmp(item->name, "foray")) ||
           (item->group && !strcmp(item->group, "options") &&
            strcmp(item->name, "on-error") != 0 &&
            strcmp(item->name, "timeout") != 0 &&
            strcmp(item->name, "retries") != 0);
}

static const char *value_of(const char *json,
                            const struct provenance_item *item)
{
    const char *object = item->group ? json_member(json, item->group) : json;

    return object && *object == '{' ? json_member(object, item->name) : NULL;
}

static int length_of(const char *value)
{
    return value ? (int)(json_behind(value) - value) : 0;
}

static int compare(const char *then, const char *now,
                   const struct provenance *items, const char *output)
{
    for (int i = 0; i < items->n; i++) {
        const struct provenance_item *item = &items->items[i];
        const char *a = value_of(then, item), *b = value_of(now, item);
        int n = length_of(a), m = length_of(b);

        if (!matters(item) || (n == m && n && !memcmp(a, b, (size_t)n)))
            continue;
        message("%s was made with %s %.*s, and it is %.*s now: without "
                "--update all is computed anew",
                output, item->name, n ? n : 7, n ? a : "unknown", m, b);
        return -1;
    }
    return 0;
}

int update_features(struct foray_dataset *out, const char *output,
                    struct foray_error *err)
{
    struct foray_npy_info info;
    int code;

    if (hog_output_is_hdf5(output))
        return update_hdf5_features(out, output, NULL, err);
    code = foray_npy_info(&info, output, err);
    if (code)
        return code;
    *out = (struct foray_dataset){.dtype = info.dtype, .ndim = info.ndim};
    memcpy(out->shape, info.shape, sizeof out->shape);
    return 0;
}

/* What the attributes of an HDF5 file tell of its features. */
static char *find_attributes(const char *output,
                             const struct foray_dataset *features,
                             const struct provenance *items)
{
    const struct hdf5_door *hdf5 = hdf5_door(NULL);
    struct foray_hdf5_attributes attributes;
    struct provenance then;
    char *text;

    if (!hdf5 ||
        hdf5->read_attributes(&attributes, NULL, output, "/features", NULL))
        return NULL;
    provenance_from_attributes(&then, &attributes, items);
    text = provenance_text_of(&then);
    hdf5->attributes_free(&attributes);
    if (text && provenance_tells_of(text, features))
        return text;
    free(text);
    return NULL;
}

static char *find(const struct hog_run *run,
                  const struct foray_dataset *features,
                  const struct provenance *items)
{
    char *json = run->provenance
                     ? provenance_find(run->output, features)
                     : find_attributes(run->output, features, items);

    if (!json && run->provenance)
        message("%s does not tell of %s as it is: --update needs what foray "
                "hog wrote beside it",
                run->provenance, run->output);
    else if (!json)
        message("%s does not tell of its features as they are: --update needs "
                "the attributes that foray hog wrote",
                run->output);
    return json;
}

static int read_size(struct update_about *out, const char *json,
                     const char *path)
{
    const char *image = json_member(json, "image");

    if (image && sscanf(image, "[%zu, %zu]", &out->rows, &out->cols) == 2 &&
        out->rows)
        return 0;
    message("%s does not say how large the images are", path);
    return -1;
}

int update_about_read(struct update_about *out, const struct hog_run *run)
{
    struct hog_provenance now;
    struct foray_error err;
    char *then, *text;
    int failed;

    *out = (struct update_about){.rows = 0};
    if (update_features(&out->features, run->output, &err)) {
        message("%s", err.msg);
        return -1;
    }
    text = describe(&now, run);
    then = text ? find(run, &out->features, &now.items) : NULL;
    failed = !then || compare(then, text, &now.items, run->output);
    if (!failed && !run->batch.places)
        failed = read_size(out, then,
                           run->provenance ? run->provenance : run->output);
    free(text);
    free(then);
    return failed ? -1 : 0;
}
