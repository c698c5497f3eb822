#include "hog/update_about.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/dataset.h>
#include <foray/storage.h>

#include "hog/provenance.h"
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
    char *text = NULL;
    size_t size;
    FILE *out;

    none.batch.n = 0;
    if (hog_provenance_fill(now, &none, &plan, NULL, 0, &err)) {
        message("%s", err.msg);
        return NULL;
    }
    out = open_memstream(&text, &size);
    if (!out) {
        message("out of memory");
        return NULL;
    }
    provenance_write(out, &now->items);
    if (!fclose(out))
        return text;
    message("out of memory");
    free(text);
    return NULL;
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
    struct foray_dataset array = {0};
    struct hog_provenance now;
    struct foray_npy_info info;
    struct foray_error err;
    char *json, *text;
    int failed;

    if (foray_npy_info(&info, run->output, &err)) {
        message("%s", err.msg);
        return -1;
    }
    array.dtype = info.dtype;
    array.ndim = info.ndim;
    memcpy(array.shape, info.shape, sizeof array.shape);
    json = provenance_find(run->output, &array);
    if (!json) {
        message("%s does not tell of %s as it is: --update needs what foray "
                "hog wrote beside it",
                run->provenance, run->output);
        return -1;
    }
    out->n = info.shape[0];
    text = describe(&now, run);
    failed = !text || compare(json, text, &now.items, run->output) ||
             read_size(out, json, run->provenance);
    free(text);
    free(json);
    return failed ? -1 : 0;
}
