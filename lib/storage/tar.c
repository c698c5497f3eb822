#include "storage/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/read.h"
#include "storage/tar_header.h"

/* Names and pax headers; GNU tar writes a few hundred bytes. */
enum { MOST_EXTENDED = 16 << 20 };

typedef unsigned char block[FORAY__TAR_BLOCK];

static int damaged(const struct foray__tar *tar, uint64_t at, const char *what,
                   struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    return foray__fail(
        err, FORAY_EFORMAT, "%s is a damaged tar archive: at byte %llu %s",
        foray__tail(tail, tar->path), (unsigned long long)at, what);
}

static int cut(const struct foray__tar *tar, uint64_t at, const char *what,
               struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    return foray__fail(err, FORAY_ETRUNCATED,
                       "%s is a tar archive that was cut short: %s at byte "
                       "%llu, and the file ends at byte %llu",
                       foray__tail(tail, tar->path), what,
                       (unsigned long long)at, (unsigned long long)tar->size);
}

static int read_at(const struct foray__tar *tar, void *bytes, size_t n,
                   uint64_t at, struct foray_error *err)
{
    ssize_t got = foray__read_at(tar->fd, bytes, n, at);
    char tail[FORAY__TAIL_SIZE];

    if (got < 0)
        return foray__fail_errno(err, errno, "cannot read %s",
                                 foray__tail(tail, tar->path));
    return (size_t)got == n ? 0 : cut(tar, at, "something begins", err);
}

static int refuse_sum(const struct foray__tar *tar, const block header,
                      uint64_t at, struct foray_error *err)
{
    const char *compression = at ? NULL : foray__tar_compression(header);
    char tail[FORAY__TAIL_SIZE];

    if (compression)
        return foray__fail(err, FORAY_ENOTSUP,
                           "%s is compressed (%s): members are read where they "
                           "are in a tar archive, decompress it",
                           foray__tail(tail, tar->path), compression);
    if (!at)
        return foray__fail(err, FORAY_EFORMAT, "%s is no tar archive",
                           foray__tail(tail, tar->path));
    return damaged(tar, at, "the checksum of a header is wrong", err);
}

/* Less than one header. */
static int refuse_short(const struct foray__tar *tar, struct foray_error *err)
{
    block header = {0};

    FORAY_TRY(read_at(tar, header, (size_t)tar->size, 0, err));
    return refuse_sum(tar, header, 0, err);
}

int foray__tar_open(struct foray__tar *out, const char *path,
                    struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    struct stat st;
    int code = 0;

    memset(out, 0, sizeof *out);
    out->path = path;
    out->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (out->fd < 0 || fstat(out->fd, &st))
        code = foray__fail_errno(err, errno, "cannot open %s",
                                 foray__tail(tail, path));
    else if (!S_ISREG(st.st_mode))
        code =
            foray__fail(err, FORAY_ENOTSUP, "%s is no file, so no tar archive",
                        foray__tail(tail, path));
    else if (!st.st_size)
        code =
            foray__fail(err, FORAY_ETRUNCATED, "%s is empty, not a tar archive",
                        foray__tail(tail, path));
    else
        out->size = (uint64_t)st.st_size;
    if (code)
        foray__tar_close(out);
    return code;
}

static void forget(struct foray__tar_extended *extended)
{
    free(extended->name);
    *extended = (struct foray__tar_extended){0};
}

void foray__tar_close(struct foray__tar *tar)
{
    if (tar->fd >= 0)
        close(tar->fd);
    tar->fd = -1;
    forget(&tar->global);
    forget(&tar->own);
}

/* The data behind a header, up to the next: `size` bytes and zeros. */
static int pass_over(struct foray__tar *tar, uint64_t size,
                     struct foray_error *err)
{
    uint64_t rest = -size % FORAY__TAR_BLOCK;

    if (size > tar->size || rest > tar->size - size ||
        tar->next > tar->size - size - rest)
        return cut(tar, tar->next, "a member begins", err);
    tar->next += size + rest;
    return 0;
}

/* The data behind a header of a name or of records, whole, NUL-terminated.
 * Owner: the caller, free(). */
static int read_extended(char **out, struct foray__tar *tar, uint64_t size,
                         struct foray_error *err)
{
    uint64_t at = tar->next;
    char *bytes, tail[FORAY__TAIL_SIZE];
    int code;

    FORAY_TRY(pass_over(tar, size, err));
    if (size > MOST_EXTENDED)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "%s has a name or an extended header of %llu bytes "
                           "at byte %llu",
                           foray__tail(tail, tar->path),
                           (unsigned long long)size, (unsigned long long)at);
    bytes = malloc((size_t)size + 1);
    if (!bytes)
        return foray__fail(err, FORAY_ENOMEM, "no memory to read %s",
                           foray__tail(tail, tar->path));
    bytes[size] = '\0';
    code = read_at(tar, bytes, (size_t)size, at, err);
    if (code)
        free(bytes);
    else
        *out = bytes;
    return code;
}

/* 'L': the name of the next member. Of what is said twice the first counts, as
 * in Python's tarfile. */
static int take_name(struct foray__tar *tar, uint64_t size,
                     struct foray_error *err)
{
    char *name;

    FORAY_TRY(read_extended(&name, tar, size, err));
    if (tar->own.name)
        free(name);
    else
        tar->own.name = name;
    return 0;
}

static void add_own(struct foray__tar_extended *own,
                    struct foray__tar_extended *more)
{
    if (!own->name) {
        own->name = more->name;
        more->name = NULL;
    }
    if (!own->has_size) {
        own->has_size = more->has_size;
        own->size = more->size;
    }
    own->sparse |= more->sparse;
    forget(more);
}

/* 'x' and 'g': records of the next member, or of all from here on. */
static int take_pax(struct foray__tar *tar, uint64_t size, bool global,
                    struct foray_error *err)
{
    struct foray__tar_extended more = {0};
    uint64_t at = tar->next;
    char *bytes, tail[FORAY__TAIL_SIZE];
    bool no_memory, good;

    FORAY_TRY(read_extended(&bytes, tar, size, err));
    good = foray__tar_pax(global ? &tar->global : &more, bytes, (size_t)size,
                          &no_memory);
    free(bytes);
    add_own(&tar->own, &more);
    if (no_memory)
        return foray__fail(err, FORAY_ENOMEM, "no memory for names in %s",
                           foray__tail(tail, tar->path));
    return good ? 0
                : damaged(tar, at, "an extended header has no such records",
                          err);
}

/* Old GNU: blocks of where the pieces of a sparse file are. */
static int pass_over_map(struct foray__tar *tar, const block header,
                         struct foray_error *err)
{
    bool goes_on = header[FORAY__TAR_GOES_ON];
    block more;

    while (goes_on) {
        uint64_t at = tar->next;

        FORAY_TRY(pass_over(tar, FORAY__TAR_BLOCK, err));
        FORAY_TRY(read_at(tar, more, sizeof more, at, err));
        goes_on = more[FORAY__TAR_GOES_ON_AGAIN];
    }
    return 0;
}

/* The name of a member: what was said before, or its header's fields. NULL:
 * there is no memory. */
static const char *find_name(struct foray__tar *tar, const block header)
{
    const char *name = (const char *)header + FORAY__TAR_NAME;
    size_t n = strnlen(name, FORAY__TAR_NAME_SIZE), prefix = 0;

    if (tar->own.name || tar->global.name)
        return tar->own.name ? tar->own.name : tar->global.name;
    if (!memcmp(header + FORAY__TAR_MAGIC, "ustar", 6)) /* GNU has a blank */
        prefix = strnlen((const char *)header + FORAY__TAR_PREFIX,
                         FORAY__TAR_PREFIX_SIZE);
    tar->own.name = malloc(prefix + 1 + n + 1);
    if (!tar->own.name)
        return NULL;
    memcpy(tar->own.name, header + FORAY__TAR_PREFIX, prefix);
    if (prefix)
        tar->own.name[prefix++] = '/';
    memcpy(tar->own.name + prefix, name, n);
    tar->own.name[prefix + n] = '\0';
    return tar->own.name;
}

/* Links, devices and folders have no data, whatever size they say. */
static bool has_data(char type, const char *name)
{
    size_t n = strlen(name);

    /* Before there was a type, folders were names that end so. */
    if (!type)
        return !n || name[n - 1] != '/';
    return !strchr("123456", type);
}

static bool is_regular(char type)
{
    return !type || strchr("07S", type);
}

/* A header that is no other's: of a member. */
static int take_member(struct foray__tar_member *out, bool *regular,
                       struct foray__tar *tar, const block header,
                       uint64_t size, struct foray_error *err)
{
    char type = (char)header[FORAY__TAR_TYPE];
    char tail[FORAY__TAIL_SIZE];
    bool data;

    out->name = find_name(tar, header);
    if (!out->name)
        return foray__fail(err, FORAY_ENOMEM, "no memory for names in %s",
                           foray__tail(tail, tar->path));
    out->sparse = type == 'S' || tar->own.sparse || tar->global.sparse;
    if (type == 'S')
        FORAY_TRY(pass_over_map(tar, header, err));
    data = has_data(type, out->name);
    out->size = tar->own.has_size      ? tar->own.size
                : tar->global.has_size ? tar->global.size
                                       : size;
    out->offset = tar->next;
    *regular = data && is_regular(type);
    return data ? pass_over(tar, out->size, err) : 0;
}

/* One header and what is behind it; *end: there is none. */
static int take_header(struct foray__tar_member *out, bool *regular, bool *end,
                       struct foray__tar *tar, struct foray_error *err)
{
    uint64_t at = tar->next, size;
    block header;

    if (at == tar->size) { /* without blocks of zeros: nothing is missing */
        *end = true;
        return 0;
    }
    if (tar->size < FORAY__TAR_BLOCK)
        return refuse_short(tar, err);
    FORAY_TRY(pass_over(tar, FORAY__TAR_BLOCK, err));
    FORAY_TRY(read_at(tar, header, sizeof header, at, err));
    *end = foray__tar_is_zero(header);
    if (*end)
        return 0;
    if (!foray__tar_has_sum(header))
        return refuse_sum(tar, header, at, err);
    if (!foray__tar_number(&size, header + FORAY__TAR_SIZE,
                           FORAY__TAR_SIZE_SIZE))
        return damaged(tar, at, "a size is no number", err);
    switch (header[FORAY__TAR_TYPE]) {
    case 'L':
        return take_name(tar, size, err);
    case 'K': /* where a link leads */
        return pass_over(tar, size, err);
    case 'x':
    case 'X': /* Solaris */
        return take_pax(tar, size, false, err);
    case 'g':
        return take_pax(tar, size, true, err);
    default:
        FORAY_TRY(take_member(out, regular, tar, header, size, err));
        if (!*regular)
            forget(&tar->own);
        return 0;
    }
}

int foray__tar_next(struct foray__tar_member *out, bool *more,
                    struct foray__tar *tar, struct foray_error *err)
{
    bool regular = false, end = false;

    forget(&tar->own);
    while (!regular && !end)
        FORAY_TRY(take_header(out, &regular, &end, tar, err));
    *more = !end;
    return 0;
}
