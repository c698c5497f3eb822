#include "hog/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "data/beside.h"
#include "data/hdf5_door.h"
#include "data/output.h"
#include "hog/ragged.h"
#include "shell/message.h"

bool hog_output_is_hdf5(const char *path)
{
    return output_has_suffix(path, ".h5") || output_has_suffix(path, ".hdf5");
}

bool hog_output_is_name(const char *path)
{
    return output_has_suffix(path, ".npy") || hog_output_is_hdf5(path);
}

/* Whether what an interrupted run left is of this one, too. */
static bool is_same(const struct foray_array *array, enum foray_dtype dtype,
                    int ndim, const size_t *shape)
{
    return array->dtype == dtype && array->ndim == ndim &&
           !memcmp(array->shape, shape, (size_t)ndim * sizeof *shape);
}

static int begin_hdf5(struct hog_output *output, enum foray_dtype dtype,
                      int ndim, const size_t *shape, struct foray_pool *pool,
                      struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);

    if (!hdf5)
        return FORAY_ENOTSUP;
    output->beside = beside_name(output->path, err);
    if (!output->beside)
        return FORAY_ENOMEM;
    if (!hdf5->open(&output->features, pool, output->beside, "/features", "r+",
                    NULL, NULL)) {
        if (is_same(&output->features, dtype, ndim, shape))
            return 0;
        foray_array_close(&output->features, NULL);
        return message_error(err, FORAY_EEXIST,
                             "%s is of another run, with features of another "
                             "type or shape: --restart begins anew",
                             output->beside);
    }
    if (foray_array_discard(output->path, err)) /* nothing to go on with */
        return FORAY_EBUSY;
    return hdf5->create(&output->features, pool, output->beside, "/features",
                        dtype, ndim, shape, NULL, err);
}

static int begin_npy(struct hog_output *output, enum foray_dtype dtype,
                     int ndim, const size_t *shape, struct foray_error *err)
{
    const struct foray_placement beside = {.partial = true, .resumable = true};

    return foray_array_create_at(&output->features, output->path, dtype, ndim,
                                 shape, &beside, err);
}

/* Features of images of one size, or of many. */
static int make(struct hog_output *output, bool is_hdf5,
                const struct foray_hog_plan *plan, struct foray_pool *pool,
                struct foray_error *err)
{
    const size_t all[2] = {plan->n, plan->length};
    const size_t *shape = output->places ? all + 1 : all;
    int code, ndim = output->places ? 1 : 2;

    output->is_hdf5 = is_hdf5;
    code = is_hdf5 ? begin_hdf5(output, plan->dtype, ndim, shape, pool, err)
                   : begin_npy(output, plan->dtype, ndim, shape, err);
    output->made = !code;
    return code;
}

int hog_output_begin(struct hog_output *output, const char *path,
                     const struct foray_hog_plan *plan,
                     struct foray_hog_place *places, struct foray_pool *pool,
                     struct foray_error *err)
{
    *output = (struct hog_output){.path = path, .places = places};
    return make(output, hog_output_is_hdf5(path), plan, pool, err);
}

int hog_output_begin_rows(struct hog_output *output, const char *path,
                          const struct foray_hog_plan *plan,
                          struct foray_hog_place *places,
                          struct foray_error *err)
{
    *output = (struct hog_output){.path = path, .places = places};
    return make(output, false, plan, NULL, err);
}

/* A list with a NULL at its end. Owner: the caller, each and the list. */
static void free_names(char **names)
{
    for (size_t i = 0; names && names[i]; i++)
        free(names[i]);
    free(names);
}

/* What the rows are called. NULL: no memory. */
static char **row_names(const struct hog_output_about *about)
{
    char **names = calloc(about->n + 1, sizeof *names);

    for (size_t k = 0; names && k < about->n; k++) {
        size_t i = about->kept[k];

        if (about->stack &&
            asprintf(&names[k], "%s[%zu]", about->stack, about->first + i) < 0)
            names[k] = NULL;
        else if (!about->stack)
            names[k] = strdup(about->paths[i]);
        if (!names[k]) {
            free_names(names);
            return NULL;
        }
    }
    return names;
}

/* Datasets of strings beside the features. */
static int save_strings(const char *file, const struct hog_output_about *about,
                        char *const *paths, struct foray_pool *pool,
                        struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);
    size_t n = about->n;
    const char **words = calloc(n + 1, sizeof *words);
    int code;

    if (!hdf5 || !words) {
        free(words);
        return hdf5 ? message_error(err, FORAY_ENOMEM,
                                    "no memory for the status of %zu images", n)
                    : FORAY_ENOTSUP;
    }
    code = hdf5->save_strings(pool, file, "/paths", (const char *const *)paths,
                              n, NULL, err);
    for (size_t k = 0; k < n; k++)
        words[k] = foray_image_status_name(
            (enum foray_image_status)about->rows[about->kept[k]].status);
    if (!code)
        code = hdf5->save_strings(pool, file, "/status", words, n, NULL, err);
    free(words);
    return code;
}

static int save_attributes(const char *file,
                           const struct provenance *provenance,
                           struct foray_pool *pool, struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);
    struct foray_hdf5_attribute attributes[PROVENANCE_ITEMS];
    char names[PROVENANCE_ITEMS][PROVENANCE_NAME];

    if (!hdf5)
        return FORAY_ENOTSUP;
    return hdf5->write_attributes(
        pool, file, "/features", attributes,
        provenance_attributes(attributes, names, provenance), err);
}

int hog_output_tell(const char *file, const struct hog_output_about *about,
                    struct foray_pool *pool, struct foray_error *err)
{
    char **names = row_names(about);
    int code;

    if (!names)
        return message_error(err, FORAY_ENOMEM,
                             "no memory for the names of %zu images", about->n);
    code = save_strings(file, about, names, pool, err);
    if (!code && about->places)
        code = hog_ragged_save(file, about->places, about->kept, about->n, pool,
                               err);
    if (!code)
        code = save_attributes(file, about->provenance, pool, err);
    free_names(names);
    return code;
}

static int finish_hdf5(struct hog_output *output,
                       const struct hog_output_about *about,
                       struct foray_pool *pool, struct foray_error *err)
{
    const char *file = output->kept ? output->kept : output->beside;
    int code = foray_array_close(&output->features, err); /* all is written */

    return code ? code : hog_output_tell(file, about, pool, err);
}

/* Onto the disk, while nothing has been replaced. */
static int finish_npy(const struct hog_output *output, struct foray_error *err)
{
    char *partial =
        beside_name(output->kept ? output->kept : output->path, err);
    int fd, code = 0;

    if (!partial)
        return FORAY_ENOMEM;
    fd = open(partial, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fsync(fd))
        code =
            message_error(err, FORAY_EIO, "%s: %s", partial, strerror(errno));
    if (fd >= 0)
        close(fd);
    free(partial);
    return code;
}

int hog_output_finish(struct hog_output *output,
                      const struct hog_output_about *about,
                      struct foray_pool *pool, struct foray_error *err)
{
    return output->is_hdf5 ? finish_hdf5(output, about, pool, err)
                           : finish_npy(output, err);
}

int hog_output_install(struct hog_output *output, struct foray_error *err)
{
    const char *from = output->kept      ? output->kept
                       : output->is_hdf5 ? output->beside
                                         : NULL;
    int code = output->is_hdf5 ? 0 : foray_array_commit(&output->features, err);

    if (!code && from && rename(from, output->path))
        code = message_error(err, FORAY_EIO, "%s: %s", output->path,
                             strerror(errno));
    /* Of what some rows were kept the whole is still there. */
    output->made &= code != 0 || output->kept;
    return code;
}

/* Of what somebody is at nothing is removed. */
void hog_output_discard(const char *path)
{
    char *kept;

    foray_array_discard(path, NULL);
    if (asprintf(&kept, "%s.kept", path) < 0)
        return;
    foray_array_discard(kept, NULL);
    free(kept);
}

int hog_output_end(struct hog_output *output, bool stays,
                   struct foray_error *err)
{
    int code = foray_array_close(&output->features, err);

    if (output->kept)
        unlink(output->kept); /* it has its name, or never will */
    if (output->made && !stays)
        hog_output_discard(output->path);
    free(output->beside);
    free(output->kept);
    output->beside = output->kept = NULL;
    return code;
}
