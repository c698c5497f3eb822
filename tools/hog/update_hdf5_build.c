/* The whole new file of an HDF5 output that is updated. */
#include "hog/update_hdf5.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "data/hdf5_door.h"
#include "hog/ragged.h"
#include "shell/message.h"

/* The features of a file, where they lie in it and mapped. */
struct side {
    const char *path;
    struct foray_dataset dataset;
    struct foray_array features;
};

/* No features lie nowhere. */
static int open_side(struct side *side, const char *mode,
                     struct foray_pool *pool, struct foray_error *err)
{
    struct foray_dataset *dataset = &side->dataset;
    int code = update_hdf5_features(dataset, side->path, pool, err);

    if (!code && !dataset->nbytes)
        return foray_array_wrap(&side->features, NULL, dataset->dtype,
                                dataset->ndim, dataset->shape, err);
    return code ? code
                : foray_array_map(&side->features, side->path, mode, dataset,
                                  err);
}

/* As many bytes from the begin as the file system lets both files have in
 * common: whole blocks that lie on a border of one. Returns how many. */
static size_t share(const struct side *to, const struct side *from,
                    size_t nbytes)
{
    int source = open(from->path, O_RDONLY | O_CLOEXEC);
    int target = open(to->path, O_RDWR | O_CLOEXEC);
    struct file_clone_range range = {.src_fd = source,
                                     .src_offset = from->dataset.offset,
                                     .dest_offset = to->dataset.offset};
    struct stat st = {.st_blksize = 0};
    size_t done = 0;

    if (source >= 0 && target >= 0 && !fstat(target, &st) && st.st_blksize > 0)
        range.src_length =
            nbytes / (size_t)st.st_blksize * (size_t)st.st_blksize;
    if (range.src_length && !ioctl(target, FICLONERANGE, &range))
        done = range.src_length;
    if (target >= 0)
        close(target);
    if (source >= 0)
        close(source);
    return done;
}

/* Elements that begin here as there. */
static void copy_front(const struct side *to, const struct side *from,
                       size_t nbytes)
{
    size_t done = nbytes ? share(to, from, nbytes) : 0;

    if (nbytes > done)
        memcpy((char *)to->features.data + done,
               (const char *)from->features.data + done, nbytes - done);
}

/* The rows that there were, then those that were computed in their places. */
static void fill(const struct side *to, const struct side *from,
                 const struct update_rows *computed)
{
    const struct foray_array *rows = computed->features;
    const size_t row = rows->shape[1] * rows->itemsize;

    copy_front(to, from, from->features.shape[0] * row);
    for (size_t k = 0; row && k < rows->shape[0]; k++)
        if (computed->put[k] != FORAY_NO_ROW)
            memcpy(foray_row(&to->features, computed->put[k]),
                   foray_row(rows, k), row);
}

/* The features of an image, that are at `source` in an array, to their place.
 */
static void copy_place(const struct side *to,
                       const struct foray_hog_place *place,
                       const struct foray_array *from, uint64_t source)
{
    if (place->length)
        memcpy(foray_row(&to->features, place->offset), foray_row(from, source),
               place->length * from->itemsize);
}

/* Rows of many lengths. Up to the first that is another all are where they
 * were. */
static void fill_ragged(const struct side *to, const struct side *from,
                        const struct update_rows *computed,
                        const struct foray_hog_place *places)
{
    const struct update_ragged *ragged = computed->ragged;
    const size_t *put = ragged->put;
    size_t n_old = ragged->n_old, n = ragged->n_computed, k = 0, first;
    uint64_t length = from->features.shape[0];

    while (k < n && put[k] == FORAY_NO_ROW)
        k++;
    first = k < n && put[k] < n_old ? put[k] : n_old;
    if (first < n_old)
        length = ragged->old[first].offset;
    copy_front(to, from, (size_t)length * from->features.itemsize);
    for (size_t i = first, next = k; i < n_old; i++) {
        while (next < n && (put[next] < i || put[next] == FORAY_NO_ROW))
            next++;
        if (next == n || put[next] != i)
            copy_place(to, &places[i], &from->features, ragged->old[i].offset);
    }
    for (; k < n; k++)
        if (put[k] != FORAY_NO_ROW)
            copy_place(to, &places[put[k]], computed->features,
                       ragged->computed[k].offset);
}

/* Who may read the old one may read the new one. */
static void give_permissions(const char *to, const char *from)
{
    struct stat st;

    if (stat(from, &st))
        return;
    if (chown(to, st.st_uid, st.st_gid) && chown(to, (uid_t)-1, st.st_gid))
        st.st_mode &= (mode_t) ~(S_ISUID | S_ISGID);
    (void)chmod(to, st.st_mode & 07777);
}

/* All rows in a new file. */
static int make_features(struct side *to, struct side *from,
                         const struct update_rows *computed,
                         const struct hog_output_about *about,
                         struct foray_pool *pool, struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);
    const struct foray_array *rows = computed->features;
    const struct foray_hog_place *places = about->places;
    const size_t shape[2] = {places ? hog_ragged_length(places, about->n)
                                    : about->n,
                             rows->shape[1]};
    struct foray_array made = {0};
    int code = hdf5
                   ? hdf5->create(&made, pool, to->path, "/features",
                                  rows->dtype, places ? 1 : 2, shape, NULL, err)
                   : FORAY_ENOTSUP;

    foray_array_close(&made, NULL);
    if (!code)
        give_permissions(to->path, from->path);
    if (!code)
        code = open_side(from, "r", pool, err);
    if (!code)
        code = open_side(to, "r+", pool, err);
    if (!code && places)
        fill_ragged(to, from, computed, places);
    else if (!code)
        fill(to, from, computed);
    foray_array_close(&from->features, NULL);
    if (!code)
        code = foray_array_close(&to->features, err);
    else
        foray_array_close(&to->features, NULL);
    return code;
}

/* Whether an attribute tells where features come from. Groups have other
 * members at other times. */
static bool is_ours(const char *name, const struct provenance *provenance)
{
    for (int i = 0; provenance && i < provenance->n; i++) {
        const struct provenance_item *item = &provenance->items[i];
        size_t n = item->group ? strlen(item->group) : 0;

        if (item->group ? !strncmp(name, item->group, n) && name[n] == '.'
                        : !strcmp(name, item->name))
            return true;
    }
    return false;
}

/* What somebody else told of an object. */
static int carry_attributes(const char *to, const char *from,
                            const char *object,
                            const struct provenance *provenance,
                            struct foray_pool *pool, struct foray_error *err)
{
    const struct hdf5_door *hdf5 = hdf5_door(err);
    struct foray_hdf5_attributes all;
    size_t n = 0;
    int code = hdf5 ? hdf5->read_attributes(&all, pool, from, object, err)
                    : FORAY_ENOTSUP;

    if (code)
        return code;
    for (size_t k = 0; k < all.n; k++)
        if (!is_ours(all.items[k].name, provenance))
            all.items[n++] = all.items[k];
    if (n)
        code = hdf5->write_attributes(pool, to, object, all.items, n, err);
    hdf5->attributes_free(&all);
    return code;
}

/* Everything else that the output has. */
static int carry_others(const char *to, const char *from,
                        const struct provenance *provenance,
                        struct foray_pool *pool, struct foray_error *err)
{
    static const char *const objects[] = {"/", "/paths", "/status"};
    const struct hdf5_door *hdf5 = hdf5_door(err);
    int code = hdf5 ? hdf5->complete(pool, to, from, err) : FORAY_ENOTSUP;

    for (size_t k = 0; !code && k < sizeof objects / sizeof *objects; k++)
        code = carry_attributes(to, from, objects[k], NULL, pool, err);
    return code
               ? code
               : carry_attributes(to, from, "/features", provenance, pool, err);
}

int update_hdf5_build(const char *path, const struct update_rows *computed,
                      const struct hog_output_about *about,
                      struct foray_pool *pool)
{
    char *whole = update_hdf5_whole(path);
    struct side from = {.path = path}, to = {.path = whole};
    struct foray_error err;
    int code;

    if (!whole || update_hdf5_discard(path)) {
        free(whole);
        return -1;
    }
    code = make_features(&to, &from, computed, about, pool, &err);
    if (!code)
        code = hog_output_tell(whole, about, pool, &err);
    if (!code)
        code = carry_others(whole, path, about->provenance, pool, &err);
    if (code) {
        message("%s", err.msg);
        (void)update_hdf5_discard(path);
    }
    free(whole);
    return code ? -1 : 0;
}
