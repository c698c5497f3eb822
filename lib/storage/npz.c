/* .npz files: list, open, load, verify. */
#include <foray/npz.h>
#include <foray/storage.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "storage/crc.h"
#include "storage/dataset.h"
#include "storage/existing.h"
#include "storage/npz_file.h"
#include "storage/segment.h"

/* What the list says of a member whose header was read. */
static void describe(struct foray_dataset *out,
                     const struct foray__npz_member *member)
{
    bool is_stored = member->member->method == FORAY__ZIP_STORED;

    foray__dataset_of_header(out, &member->header);
    out->mappable = is_stored;
    out->offset = is_stored ? member->offset + member->header.offset : 0;
    out->stored = is_stored ? out->nbytes : member->member->stored;
    snprintf(out->layout, sizeof out->layout, "%s",
             is_stored ? "stored" : "deflate");
}

/* Python objects are there, but for nobody to open. */
static void describe_objects(struct foray_dataset *out,
                             const struct foray__zip_member *member)
{
    out->nbytes = member->size;
    out->stored = member->stored;
    snprintf(out->descr, sizeof out->descr, "|O");
    snprintf(out->layout, sizeof out->layout, "Python objects");
}

static int list_member(struct foray_dataset_list *out,
                       const struct foray__zip *zip,
                       const struct foray__zip_member *member,
                       struct foray_error *err)
{
    struct foray_dataset *dataset = &out->items[out->n];
    struct foray__npz_member opened;
    size_t length;
    int code;

    if (!foray__npz_is_array(member, &length))
        return 0;
    dataset->name = strndup(member->name, length);
    if (!dataset->name)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a name");
    out->n++;
    code = foray__npz_member_open(&opened, zip, member, err);
    if (code == FORAY_EDTYPE)
        describe_objects(dataset, member);
    else if (code)
        return code;
    else
        describe(dataset, &opened);
    if (!code)
        foray__npz_member_close(&opened);
    return 0;
}

int foray_npz_list(struct foray_dataset_list *out, const char *path,
                   struct foray_error *err)
{
    struct foray_error ignored;
    struct foray__zip zip;
    int code = 0;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__zip_open(&zip, path, false, err));
    out->items = calloc(zip.n + 1, sizeof *out->items);
    if (!out->items)
        code = foray__fail(err, FORAY_ENOMEM, "no memory to list a .npz file");
    for (size_t i = 0; i < zip.n && !code; i++)
        code = list_member(out, &zip, &zip.members[i], err ? err : &ignored);
    foray__zip_close(&zip);
    if (code)
        foray_dataset_list_free(out);
    return code;
}

/* What has to be done to a member that was mapped in mode r+. */
struct summing {
    struct foray__zip_member member; /* without its name */
    uint64_t offset;
};

/* The checksum of what the member has become. */
static int write_sum(const struct foray_segment *segment, void *arg,
                     struct foray_error *err)
{
    enum { PIECE = 1 << 18 };
    const struct summing *summing = arg;
    uint64_t left = summing->member.size;
    unsigned char *bytes = malloc(PIECE);
    struct foray__input input;
    uint32_t crc = 0;
    int code;

    if (!bytes)
        return foray__fail(err, FORAY_ENOMEM, "no memory to sum %s",
                           segment->path);
    code = foray__input_open(&input, segment->fd, summing->offset, left,
                             FORAY__STORED, segment->path, err);
    for (size_t n; !code && left; left -= n) {
        n = left < PIECE ? (size_t)left : PIECE;
        code = foray__input_read(&input, bytes, n, err);
        crc = foray__crc32(crc, bytes, n);
    }
    if (!code) {
        code = foray__zip_set_crc(segment->fd, &summing->member,
                                  summing->offset, crc, segment->path, err);
    }
    foray__input_close(&input);
    free(bytes);
    return code;
}

static int map_member(struct foray_array *out, struct foray__zip *zip,
                      const struct foray__npz_member *member,
                      enum foray_mode mode, struct foray_error *err)
{
    struct foray__layout layout;
    struct summing *summing = NULL;
    int code;

    if (mode == FORAY_READ_WRITE) {
        summing = malloc(sizeof *summing);
        if (!summing)
            return foray__fail(err, FORAY_ENOMEM, "no memory for %s",
                               member->label);
        summing->member = *member->member;
        summing->member.name = NULL;
        summing->offset = member->offset;
    }
    foray__layout_of_header(&layout, &member->header);
    code = foray__existing_map(out, zip->fd, zip->path, &layout,
                               member->offset + member->header.offset,
                               member->header.nbytes, mode, err);
    if (code) {
        free(summing);
        return code;
    }
    zip->fd = -1; /* the segment's */
    if (summing) {
        out->segment->before_close = write_sum;
        out->segment->before_close_arg = summing;
    }
    return 0;
}

/* A foray__fill_fn. */
static int fill(const struct foray__sink *sink, size_t offset, const void *arg,
                struct foray_error *err)
{
    struct foray__npz_member *const *member = arg;

    return foray__npz_fill(*member, sink, offset, err);
}

static int read_member(struct foray_array *out,
                       struct foray__npz_member *member,
                       struct foray_error *err)
{
    /* All of its memory is made first where something large is decompressed
     * straight into it. */
    enum { LARGE = 1 << 20 };
    bool at_once = member->member->method == FORAY__ZIP_DEFLATED &&
                   member->header.nbytes >= LARGE;
    struct foray__layout layout;
    int code;

    foray__layout_of_header(&layout, &member->header);
    FORAY_TRY(foray__make(out, &layout, NULL, NULL, at_once ? NULL : fill,
                          &member, FORAY_READ_WRITE, err));
    if (!at_once)
        return 0;
    code = foray__npz_fill_array(member, out, err);
    if (code)
        foray_array_close(out, NULL);
    return code;
}

static int refuse_writing(const struct foray__npz_member *member,
                          struct foray_error *err)
{
    return foray__fail(err, FORAY_ENOTSUP,
                       "%s is compressed: what is stored in it in mode r+ "
                       "could not reach the file, use c",
                       member->label);
}

/* `map`: in place if it can be. */
static int get(struct foray_array *out, const char *path, const char *name,
               bool map, enum foray_mode mode, struct foray_error *err)
{
    const struct foray__zip_member *found;
    struct foray__npz_member member;
    struct foray__zip zip;
    bool is_stored;
    int code;

    memset(out, 0, sizeof *out);
    FORAY_TRY(
        foray__zip_open(&zip, path, map && mode == FORAY_READ_WRITE, err));
    code = foray__npz_find(&found, &zip, name, err);
    if (!code)
        code = foray__npz_member_open(&member, &zip, found, err);
    if (!code) {
        is_stored = found->method == FORAY__ZIP_STORED;
        if (map && is_stored)
            code = map_member(out, &zip, &member, mode, err);
        else if (map && mode == FORAY_READ_WRITE)
            code = refuse_writing(&member, err);
        else
            code = read_member(out, &member, err);
        foray__npz_member_close(&member);
    }
    foray__zip_close(&zip);
    return code;
}

int foray_npz_open(struct foray_array *out, const char *path, const char *name,
                   const char *mode, struct foray_error *err)
{
    enum foray_mode parsed = FORAY_READ;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__existing_mode(&parsed, mode, err));
    return get(out, path, name, true, parsed, err);
}

int foray_npz_load(struct foray_array *out, const char *path, const char *name,
                   struct foray_error *err)
{
    return get(out, path, name, false, FORAY_READ, err);
}

static int verify(const struct foray__zip *zip,
                  const struct foray__zip_member *found,
                  struct foray_error *err)
{
    struct foray__npz_member member;
    int code;

    FORAY_TRY(foray__npz_member_begin(&member, zip, found, err));
    code = foray__npz_member_end(&member, err);
    foray__npz_member_close(&member);
    return code;
}

int foray_npz_verify(const char *path, const char *name,
                     struct foray_error *err)
{
    const struct foray__zip_member *found;
    struct foray__zip zip;
    int code = 0;

    FORAY_TRY(foray__zip_open(&zip, path, false, err));
    if (name) {
        code = foray__npz_find(&found, &zip, name, err);
        if (!code)
            code = verify(&zip, found, err);
    }
    for (size_t i = 0; !name && !code && i < zip.n; i++)
        code = verify(&zip, &zip.members[i], err);
    foray__zip_close(&zip);
    return code;
}
