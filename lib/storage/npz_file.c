#include "storage/npz_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/error.h"
#include "base/read.h"
#include "storage/bytes.h"
#include "storage/crc.h"
#include "storage/names.h"

static const char suffix[] = ".npy";

/* No byte of deflate stands for more than so many. */
enum { MOST_DEFLATE = 1032 };

bool foray__npz_is_array(const struct foray__zip_member *member, size_t *length)
{
    size_t whole = strlen(member->name), n = sizeof suffix - 1;

    *length = whole < n ? 0 : whole - n;
    return whole >= n && !strcmp(member->name + *length, suffix);
}

static bool is_called(const struct foray__zip_member *member, const char *name)
{
    size_t length;

    return foray__npz_is_array(member, &length) && length == strlen(name) &&
           !memcmp(member->name, name, length);
}

/* Of two members of one name the last counts, as for Python's zipfile. */
static const struct foray__zip_member *look_up(const struct foray__zip *zip,
                                               const char *name)
{
    for (size_t i = zip->n; i-- > 0;)
        if (is_called(&zip->members[i], name))
            return &zip->members[i];
    for (size_t i = zip->n; i-- > 0;)
        if (!strcmp(zip->members[i].name, name) &&
            strlen(name) >= sizeof suffix - 1 &&
            !strcmp(name + strlen(name) - (sizeof suffix - 1), suffix))
            return &zip->members[i];
    return NULL;
}

/* What a file has when nobody says which: the only one, or "arr_0". */
static const struct foray__zip_member *look_up_any(const struct foray__zip *zip)
{
    const struct foray__zip_member *only = NULL;
    size_t n = 0, length;

    for (size_t i = 0; i < zip->n; i++)
        if (foray__npz_is_array(&zip->members[i], &length)) {
            only = &zip->members[i];
            n++;
        }
    return n == 1 ? only : look_up(zip, "arr_0");
}

int foray__npz_find(const struct foray__zip_member **out,
                    const struct foray__zip *zip, const char *name,
                    struct foray_error *err)
{
    struct foray__names names = {"", false};
    char tail[FORAY__TAIL_SIZE];

    *out = name ? look_up(zip, name) : look_up_any(zip);
    if (*out)
        return 0;
    for (size_t i = 0; i < zip->n && !names.full; i++) {
        const struct foray__zip_member *member = &zip->members[i];
        char one[sizeof names.text];
        size_t length;

        if (!foray__npz_is_array(member, &length))
            continue;
        snprintf(one, sizeof one, "%.*s", (int)length, member->name);
        foray__names_add(&names, one);
    }
    if (!*names.text)
        return foray__fail(err, FORAY_ENOENT, "%s holds no arrays",
                           foray__tail(tail, zip->path));
    if (name)
        return foray__fail(err, FORAY_ENOENT,
                           "%s has no array \"%.64s\"; it has %s",
                           foray__tail(tail, zip->path), name, names.text);
    return foray__fail(err, FORAY_ENOENT,
                       "%s holds several arrays: say which of %s",
                       foray__tail(tail, zip->path), names.text);
}

static int read_bytes(void *from, void *bytes, size_t nbytes,
                      struct foray_error *err)
{
    enum { PIECE = 1 << 18 }; /* in the cache still when it is summed */
    struct foray__npz_member *member = from;
    unsigned char *at = bytes;

    while (nbytes) {
        size_t n = nbytes < PIECE ? nbytes : PIECE;

        FORAY_TRY(foray__input_read(&member->input, at, n, err));
        member->crc = foray__crc32(member->crc, at, n);
        at += n;
        nbytes -= n;
    }
    return 0;
}

/* As many bytes as the header says it has. */
static int read_header(struct foray__npz_member *out, struct foray_error *err)
{
    enum { PREFIX = 12, ALL = PREFIX + FORAY__NPY_MAX_HEADER };
    uint64_t size = out->member->size;
    size_t known = size < PREFIX ? (size_t)size : PREFIX, n = known;
    unsigned char *bytes = malloc(ALL);
    int code;

    if (!bytes)
        return foray__fail(err, FORAY_ENOMEM, "no memory to read %s",
                           out->label);
    code = read_bytes(out, bytes, known, err);
    if (!code && known == PREFIX) {
        n = bytes[6] == 1 ? 10 + (size_t)foray__get_little(bytes + 8, 2)
                          : PREFIX + (size_t)foray__get_little(bytes + 8, 4);
        n = n > ALL ? ALL : n;
        n = n > size ? (size_t)size : n;
        n = n < PREFIX ? PREFIX : n;
        code = read_bytes(out, bytes + PREFIX, n - PREFIX, err);
    }
    if (!code)
        code = foray__npy_parse(&out->header, bytes, n, size, out->label, err);
    /* A shorter header than any can be: the data begins among the bytes. */
    if (!code && out->header.offset < n)
        code = foray__fail(err, FORAY_EFORMAT,
                           "%s: the header is too short to be one", out->label);
    free(bytes);
    return code;
}

int foray__npz_member_begin(struct foray__npz_member *out,
                            const struct foray__zip *zip,
                            const struct foray__zip_member *member,
                            struct foray_error *err)
{
    bool is_stored = member->method == FORAY__ZIP_STORED;
    size_t length;
    int code;

    memset(out, 0, sizeof *out);
    out->zip = zip;
    out->member = member;
    if (!foray__npz_is_array(member, &length))
        length = strlen(member->name);
    if (asprintf(&out->label, "%s:%.*s", zip->path, (int)length, member->name) <
        0)
        out->label = NULL;
    if (!out->label)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a name");
    foray__names_clean(out->label);
    /* Messages show the end of long paths. */
    if (strlen(out->label) >= FORAY__TAIL_SIZE) {
        char tail[FORAY__TAIL_SIZE];

        strcpy(out->label, foray__tail(tail, out->label));
    }
    code = foray__zip_locate(&out->offset, zip, member, out->label, err);
    if (!code && !is_stored && member->size / MOST_DEFLATE > member->stored)
        code = foray__fail(err, FORAY_EFORMAT,
                           "%s: %llu compressed bytes cannot be the %llu that "
                           "the directory says",
                           out->label, (unsigned long long)member->stored,
                           (unsigned long long)member->size);
    if (!code)
        code = foray__input_open(
            &out->input, zip->fd, out->offset, member->stored,
            is_stored ? FORAY__STORED : FORAY__DEFLATE, out->label, err);
    if (code)
        foray__npz_member_close(out);
    return code;
}

int foray__npz_member_open(struct foray__npz_member *out,
                           const struct foray__zip *zip,
                           const struct foray__zip_member *member,
                           struct foray_error *err)
{
    int code;

    FORAY_TRY(foray__npz_member_begin(out, zip, member, err));
    code = read_header(out, err);
    if (code)
        foray__npz_member_close(out);
    return code;
}

void foray__npz_member_close(struct foray__npz_member *member)
{
    foray__input_close(&member->input);
    foray__npy_free(&member->header);
    free(member->label);
    memset(member, 0, sizeof *member);
}

static int refuse_sum(const struct foray__npz_member *member,
                      struct foray_error *err)
{
    return foray__fail(err, FORAY_EFORMAT,
                       "%s is damaged: its checksum is %08lx, the archive "
                       "says %08lx",
                       member->label, (unsigned long)member->crc,
                       (unsigned long)member->member->crc);
}

/* Through a buffer, only for its sum. */
static int read_rest(struct foray__npz_member *member, struct foray_error *err)
{
    enum { PIECE = 1 << 18 };
    uint64_t left = member->member->size - member->input.position;
    unsigned char *bytes = left ? malloc(PIECE) : NULL;
    int code = 0;

    if (left && !bytes)
        return foray__fail(err, FORAY_ENOMEM, "no memory to read %s",
                           member->label);
    for (size_t n; left && !code; left -= n) {
        n = left < PIECE ? (size_t)left : PIECE;
        code = read_bytes(member, bytes, n, err);
    }
    free(bytes);
    return code;
}

int foray__npz_member_end(struct foray__npz_member *member,
                          struct foray_error *err)
{
    bool ends;

    FORAY_TRY(read_rest(member, err));
    FORAY_TRY(foray__input_ends(&member->input, &ends, err));
    if (!ends)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s is damaged: its compressed data does not end "
                           "where it should",
                           member->label);
    return member->crc == member->member->crc ? 0 : refuse_sum(member, err);
}

int foray__npz_fill(struct foray__npz_member *member,
                    const struct foray__sink *sink, size_t offset,
                    struct foray_error *err)
{
    FORAY_TRY(foray__sink_pull(sink, offset, member->header.nbytes, read_bytes,
                               member, err));
    return foray__npz_member_end(member, err);
}

/* The whole member at once, by the library that can only do that and is twice
 * as fast: `in` are its compressed bytes. The member's header comes to lie
 * where the array has its own. */
static int inflate_at_once(struct foray__npz_member *member,
                           const struct foray_array *array, const void *in,
                           struct foray_error *err)
{
    size_t before = member->header.offset, size = (size_t)member->member->size;
    unsigned char *out = (unsigned char *)array->data - before;
    unsigned char *own = malloc(before);
    enum foray__step step;

    if (!own)
        return foray__fail(err, FORAY_ENOMEM, "no memory to read %s",
                           member->label);
    memcpy(own, out, before);
    step = foray__deflate_whole(out, size, in, (size_t)member->member->stored);
    member->crc = step == FORAY__STEP_END ? foray__crc32(0, out, size) : 0;
    memcpy(out, own, before);
    free(own);
    if (step != FORAY__STEP_END)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: its deflate data is damaged", member->label);
    return member->crc == member->member->crc ? 0 : refuse_sum(member, err);
}

/* Bytes of a file, given back to the system when they are no longer needed. */
static void *read_stored(const struct foray__npz_member *member)
{
    size_t n = (size_t)member->member->stored;
    void *bytes = mmap(NULL, n, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (bytes == MAP_FAILED)
        return NULL;
    madvise(bytes, n, MADV_HUGEPAGE);
    if (foray__read_at(member->zip->fd, bytes, n, member->offset) == (ssize_t)n)
        return bytes;
    munmap(bytes, n);
    return NULL;
}

/* Whether it can be done at once: nothing behind the array, and the member's
 * header not longer than the shortest there is, so that nothing depends on a
 * file that changes meanwhile. */
static bool fits(const struct foray__npz_member *member)
{
    enum { MOST = 1 << 30, LEAST_HEADER = 128 };
    const struct foray__npy_header *header = &member->header;

    return member->member->method == FORAY__ZIP_DEFLATED &&
           member->member->stored && member->member->stored <= MOST &&
           header->offset <= LEAST_HEADER &&
           header->offset + header->nbytes == member->member->size;
}

int foray__npz_fill_array(struct foray__npz_member *member,
                          const struct foray_array *array,
                          struct foray_error *err)
{
    struct foray__sink sink = {.fd = -1, .name = member->label};
    void *in = NULL;
    int code;

    if (fits(member) && foray__deflate_is_fast())
        in = read_stored(member);
    if (in) {
        code = inflate_at_once(member, array, in, err);
        munmap(in, (size_t)member->member->stored);
        return code;
    }
    sink.base = array->data;
    sink.direct = member->header.nbytes;
    return foray__npz_fill(member, &sink, 0, err);
}
