#include "hdf5/load_task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/call.h>
#include <foray/storage.h>

#include "base/read.h"
#include "hdf5/chunks.h"
#include "hdf5/crew.h"
#include "hdf5/dataset.h"
#include "hdf5/guard.h"

/* In files with a user block the library tells addresses without it, or with
 * it, by its version. */
static bool has_user_block(hid_t dataset)
{
    hid_t file = H5Iget_file_id(dataset);
    hid_t properties = H5Fget_create_plist(file);
    hsize_t size = 0;
    bool has = H5Pget_userblock(properties, &size) < 0 || size;

    foray__h5_close(properties);
    foray__h5_close(file);
    return has;
}

struct look {
    const char *path, *name;
    const struct foray_hdf5_slab *slab;
    struct foray__h5_about about;
    struct foray__h5_region region;
    struct foray_array chunks;
    char place[PATH_MAX];
};

/* The file that a dataset is in, as other workers will open it. */
static int find_place(struct look *look, hid_t dataset, const char *shown,
                      struct foray_error *err)
{
    struct stat st;
    char name[PATH_MAX] = "";

    FORAY_TRY(foray__h5_file_state(&look->about.file, dataset, shown, err));
    snprintf(look->place, sizeof look->place, "%s", look->path);
    if (!stat(look->path, &st) && st.st_dev == look->about.file.device &&
        st.st_ino == look->about.file.inode)
        return 0;
    H5Fget_name(dataset, name, sizeof name);
    if (!realpath(name, look->place))
        return foray__fail_errno(err, errno, "cannot find the file of %s",
                                 shown);
    return 0;
}

static int look_at(struct look *look, hid_t dataset, struct foray_error *err)
{
    struct foray__h5_name shown = foray__h5_name(look->path, look->name);
    struct foray__h5_about *about = &look->about;

    FORAY_TRY(foray__h5_about(about, dataset, shown.text, err));
    FORAY_TRY(find_place(look, dataset, shown.text, err));
    FORAY_TRY(foray__h5_region_make(&look->region, about->dataset.ndim,
                                    about->dataset.shape, look->slab,
                                    shown.text, err));
    about->direct = about->direct && !has_user_block(dataset);
    if (!about->direct || *about->unfit)
        return 0;
    return foray__h5_chunks(&look->chunks, about, dataset, &look->region,
                            shown.text, err);
}

int foray__h5_look_task(struct foray_task *task)
{
    struct foray_hdf5_slab slab = {.count = {0}};
    struct foray_value values[4];
    struct look look = {
        .path = foray_task_str(task, 0),
        .name = foray_task_str(task, 1),
        .slab = foray_task_kind(task, 2) == FORAY_KIND_BYTES ? &slab : NULL};
    struct foray_bytes about = {&look.about, sizeof look.about};
    struct foray_bytes region = {&look.region, sizeof look.region};
    hid_t file, dataset = -1;
    struct foray_error err;
    int code;

    if (look.slab) /* bytes lie anywhere */
        memcpy(&slab, foray_task_bytes(task, 2).data, sizeof slab);
    code = foray__h5_open(&file, look.path, false, 0, &err);
    if (!code)
        code = foray__h5_dataset(&dataset, file, look.path, look.name, &err);
    if (!code)
        code = look_at(&look, dataset, &err);
    foray__h5_close(dataset);
    foray__h5_leave(file);
    values[0] = foray_value_bytes(about);
    values[1] = foray_value_bytes(region);
    values[2] = foray_value_str(look.place);
    values[3] = foray_value_array(&look.chunks);
    code =
        foray__h5_answer(task, code, &err, look.chunks.segment ? 4 : 3, values);
    foray_array_close(&look.chunks, NULL);
    return code;
}

/* Kept from task to task of a worker: what a chunk needs on its way. */
static _Thread_local struct {
    struct foray__h5_codec codec;
    unsigned char *stored, *decoded;
    size_t stored_room, decoded_room;
} kept;

static bool reserve(unsigned char **bytes, size_t *room, size_t nbytes)
{
    if (*room >= nbytes)
        return true;
    free(*bytes);
    *bytes = malloc(nbytes);
    *room = *bytes ? nbytes : 0;
    return *bytes;
}

/* A rare large chunk does not stay in memory. */
static void trim(void)
{
    enum { MOST = 16 << 20 };

    if (kept.stored_room > MOST) {
        free(kept.stored);
        kept.stored = NULL;
        kept.stored_room = 0;
    }
    if (kept.decoded_room > MOST) {
        free(kept.decoded);
        kept.decoded = NULL;
        kept.decoded_room = 0;
    }
}

static int refuse_chunk(const struct foray__h5_load *load, const uint64_t *row,
                        int code, const char *why, struct foray_error *err)
{
    struct foray__h5_place place =
        foray__h5_place(row + FORAY__H5_AT, load->about.dataset.ndim);

    return foray__fail(err, code, "%s: the chunk at %s %s",
                       foray__h5_name(load->path, load->name).text, place.text,
                       why);
}

static int read_stored(int fd, void *bytes, const struct foray__h5_load *load,
                       const uint64_t *row, struct foray_error *err)
{
    ssize_t n =
        foray__read_at(fd, bytes, row[FORAY__H5_SIZE], row[FORAY__H5_ADDRESS]);
    char tail[FORAY__TAIL_SIZE];

    if (n < 0)
        return foray__fail_errno(err, errno, "cannot read %s",
                                 foray__tail(tail, load->place));
    if ((uint64_t)n < row[FORAY__H5_SIZE])
        return refuse_chunk(load, row, FORAY_ETRUNCATED,
                            "lies beyond the end of the file", err);
    return 0;
}

/* Filters that a chunk has been spared. */
static uint32_t mask_of(const struct foray__h5_load *load, const uint64_t *row)
{
    const struct foray__h5_about *about = &load->about;
    uint32_t mask = (uint32_t)row[FORAY__H5_MASK];

    for (int k = 0; about->raw_edges && k < about->dataset.ndim; k++)
        if (row[FORAY__H5_AT + k] + about->dataset.chunk[k] >
            about->dataset.shape[k])
            mask = UINT32_MAX;
    return mask;
}

static int decode(int fd, const struct foray__h5_load *load,
                  const uint64_t *row, const struct foray_array *array,
                  struct foray_error *err)
{
    const struct foray__h5_about *about = &load->about;
    size_t at[FORAY_MAX_NDIM], size = row[FORAY__H5_SIZE];
    struct foray__h5_block block = {at, about->dataset.chunk, NULL,
                                    about->dataset.itemsize};
    const char *wrong;
    void *place;

    for (int k = 0; k < about->dataset.ndim; k++)
        at[k] = row[FORAY__H5_AT + k];
    place = foray__h5_block_place(&block, &load->region, array);
    if (!reserve(&kept.stored, &kept.stored_room, size) ||
        (!place &&
         !reserve(&kept.decoded, &kept.decoded_room, about->chunk_nbytes)))
        return refuse_chunk(load, row, FORAY_ENOMEM, foray__h5_no_memory, err);
    FORAY_TRY(read_stored(fd, kept.stored, load, row, err));
    block.bytes = place ? place : kept.decoded;
    wrong =
        foray__h5_decode(&kept.codec, &about->filters, mask_of(load, row),
                         kept.stored, size, block.bytes, about->chunk_nbytes);
    if (wrong)
        return refuse_chunk(load, row,
                            wrong == foray__h5_no_memory ? FORAY_ENOMEM
                                                         : FORAY_EFORMAT,
                            wrong, err);
    if (!place)
        foray__h5_block_read(&block, &load->region, array);
    return 0;
}

static int refuse_changed(const struct foray__h5_load *load,
                          struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    return foray__fail(err, FORAY_EFORMAT,
                       "%s was changed while it was read: try again",
                       foray__tail(tail, load->place));
}

static int decode_group(int fd, const struct foray__h5_load *load,
                        const struct foray_task *task,
                        const struct foray_array *array,
                        const struct foray_array *chunks,
                        struct foray_error *err)
{
    size_t first = foray_task_index(task) * load->group;
    size_t end = first + load->group;

    if (end > chunks->shape[0])
        end = chunks->shape[0];
    if (!foray__h5_file_is(&load->about.file, fd))
        return refuse_changed(load, err);
    for (size_t i = first; i < end && !foray_task_cancelled(task); i++)
        FORAY_TRY(decode(fd, load, foray_row(chunks, i), array, err));
    return foray__h5_file_is(&load->about.file, fd) ? 0
                                                    : refuse_changed(load, err);
}

int foray__h5_decode_task(struct foray_task *task)
{
    const struct foray__h5_load *load = foray_task_params(task);
    const struct foray_array *array = foray_task_whole(task, 1);
    const struct foray_array *chunks = foray_task_whole(task, 2);
    char tail[FORAY__TAIL_SIZE];
    struct foray_error err;
    int code, fd = open(load->place, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        foray__fail_errno(&err, errno, "cannot open %s",
                          foray__tail(tail, load->place));
        return foray__h5_raise(task, &err);
    }
    code = decode_group(fd, load, task, array, chunks, &err);
    close(fd);
    trim();
    return code ? foray__h5_raise(task, &err) : 0;
}

/* Seconds that the library's filters may take for a task's part of a dataset,
 * at least some chunks of at most 4 GiB. */
enum { DECODING = 900 };

/* Select the task's part of the region on both sides. */
static bool select_part(const struct foray__h5_load *load, size_t part,
                        hid_t in_file, hid_t in_memory)
{
    const struct foray__h5_region *region = &load->region;
    hsize_t start[FORAY_MAX_NDIM], step[FORAY_MAX_NDIM], count[FORAY_MAX_NDIM];
    hsize_t offset[FORAY_MAX_NDIM] = {0};
    size_t first = part * load->group;

    if (!region->ndim)
        return true;
    for (int k = 0; k < region->ndim; k++) {
        start[k] = region->start[k];
        step[k] = region->step[k];
        count[k] = region->count[k];
    }
    count[load->axis] -= first;
    if (count[load->axis] > load->group)
        count[load->axis] = load->group;
    start[load->axis] += first * step[load->axis];
    offset[load->axis] = first;
    return H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, step, count,
                               NULL) >= 0 &&
           H5Sselect_hyperslab(in_memory, H5S_SELECT_SET, offset, NULL, count,
                               NULL) >= 0;
}

static int read_part(const struct foray__h5_load *load, hid_t dataset,
                     size_t part, const struct foray_array *array,
                     struct foray_error *err)
{
    hsize_t shape[FORAY_MAX_NDIM];
    hid_t type = H5Dget_type(dataset), in_file = H5Dget_space(dataset);
    hid_t in_memory;
    int code = 0;

    for (int k = 0; k < load->region.ndim; k++)
        shape[k] = load->region.count[k];
    in_memory = load->region.ndim
                    ? H5Screate_simple(load->region.ndim, shape, NULL)
                    : H5Screate(H5S_SCALAR);
    foray__h5_guard_begin(DECODING);
    if (!select_part(load, part, in_file, in_memory) ||
        H5Dread(dataset, type, in_memory, in_file, H5P_DEFAULT, array->data) <
            0)
        code = foray__h5_fail(err, FORAY_EFORMAT, "cannot read %s",
                              foray__h5_name(load->path, load->name).text);
    foray__h5_close(in_memory);
    foray__h5_close(in_file);
    foray__h5_close(type);
    return code;
}

int foray__h5_read_task(struct foray_task *task)
{
    const struct foray__h5_load *load = foray_task_params(task);
    const struct foray_array *array = foray_task_whole(task, 1);
    struct foray__h5_file now;
    hid_t file, dataset = -1;
    struct foray_error err;
    int code = foray__h5_open(&file, load->path, false, 0, &err);

    if (!code)
        code = foray__h5_dataset(&dataset, file, load->path, load->name, &err);
    if (!code)
        code = read_part(load, dataset, foray_task_index(task), array, &err);
    if (!code)
        code = foray__h5_file_state(&now, dataset, load->name, &err);
    if (!code && memcmp(&now, &load->about.file, sizeof now) != 0)
        code = refuse_changed(load, &err);
    foray__h5_close(dataset);
    foray__h5_leave(file);
    return code ? foray__h5_raise(task, &err) : 0;
}
