#include "image/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/image.h>

#include "base/error.h"
#include "base/read.h"
#include "image/archive.h"
#include "image/archive_list.h"

int foray__source_fail(const struct foray__source *source,
                       struct foray_error *err, int code, const char *fmt, ...)
{
    char tail[FORAY__TAIL_SIZE], text[FORAY_ERROR_MSG_SIZE];
    va_list args;

    if (!err)
        return code;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return foray__fail(err, code, "%s: %s", foray__tail(tail, source->name),
                       text);
}

static int fail_errno(const struct foray__source *source, const char *verb,
                      struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    return foray__fail_errno(err, errno, "cannot %s %s", verb,
                             foray__tail(tail, source->name));
}

static int check_file(struct foray__source *source, struct foray_error *err)
{
    struct stat status;

    if (fstat(source->fd, &status))
        return fail_errno(source, "read", err);
    if (!S_ISREG(status.st_mode))
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  S_ISDIR(status.st_mode)
                                      ? "a folder, not an image file"
                                      : "not a regular file: copy what it "
                                        "gives to a file");
    if (!status.st_size)
        return foray__source_fail(source, err, FORAY_ETRUNCATED,
                                  "the file is empty");
    source->size = (uint64_t)status.st_size;
    source->changed = foray__mtime_ns(&status);
    return 0;
}

/* A file in an archive, whose size its header tells; `why` there is no file of
 * this path. */
static int open_archived(struct foray__source *source, int why,
                         struct foray_error *err)
{
    struct foray__archived archived;

    FORAY_TRY(foray__archive_find(&archived, source->name, err));
    if (archived.fd < 0) {
        errno = why;
        return fail_errno(source, "open", err);
    }
    source->fd = archived.fd;
    source->base = archived.offset;
    source->size = archived.size;
    source->changed = archived.changed;
    source->place = archived.place;
    return archived.size ? 0
                         : foray__source_fail(source, err, FORAY_ETRUNCATED,
                                              "the file is empty");
}

int foray__source_open(struct foray__source *source, const char *path,
                       struct foray_error *err)
{
    int code;

    foray__source_wrap(source, NULL, 0, path);
    source->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    code = source->fd < 0 ? open_archived(source, errno, err)
                          : check_file(source, err);
    if (code)
        foray__source_close(source);
    return code;
}

void foray__source_wrap(struct foray__source *source, const void *bytes,
                        size_t nbytes, const char *name)
{
    source->name = name;
    source->fd = -1;
    source->base = 0;
    source->size = nbytes;
    source->changed = 0;
    source->place = 0;
    source->bytes = bytes;
    source->start = 0;
    source->nbytes = nbytes;
}

void foray__source_close(struct foray__source *source)
{
    if (source->fd >= 0)
        close(source->fd);
    source->fd = -1;
}

/* Read until `n` bytes are there or the file ends. */
static int read_at(const struct foray__source *source, uint8_t *bytes, size_t n,
                   uint64_t offset, size_t *done, struct foray_error *err)
{
    ssize_t got = foray__read_at(source->fd, bytes, n, source->base + offset);

    *done = got < 0 ? 0 : (size_t)got;
    return got < 0 ? fail_errno(source, "read", err) : 0;
}

int foray__source_at(struct foray__source *source, const uint8_t **out,
                     uint64_t offset, size_t n, struct foray_error *err)
{
    uint64_t end = source->start + source->nbytes, left;

    if (offset >= source->start && offset <= end && n <= end - offset) {
        *out = source->bytes + (offset - source->start);
        return 0;
    }
    if (offset > source->size || n > source->size - offset)
        return foray__source_fail(source, err, FORAY_ETRUNCATED,
                                  "the file ends in its header, after %llu "
                                  "bytes",
                                  (unsigned long long)source->size);
    left = source->size - offset;
    source->bytes = source->block;
    source->start = offset;
    source->nbytes = 0;
    if (left > sizeof source->block)
        left = sizeof source->block;
    FORAY_TRY(read_at(source, source->block, (size_t)left, offset,
                      &source->nbytes, err));
    if (source->nbytes < n) {
        source->size = offset + source->nbytes;
        return foray__source_fail(source, err, FORAY_ETRUNCATED,
                                  "the file was cut while it was read");
    }
    *out = source->bytes;
    return 0;
}

int foray__source_load(struct foray__source *source,
                       struct foray__scratch *scratch, uint64_t most,
                       struct foray_error *err)
{
    uint8_t *bytes;
    size_t done;

    if (source->fd < 0)
        return 0;
    if (source->size > most || source->size > SIZE_MAX / 2)
        return foray__source_fail(
            source, err, FORAY_ETOOLARGE,
            "%llu bytes are more than an image of this size can need, %llu",
            (unsigned long long)source->size, (unsigned long long)most);
    bytes = foray__scratch_get(scratch, (size_t)source->size);
    if (!bytes)
        return foray__source_fail(source, err, FORAY_ENOMEM,
                                  "no memory for %llu bytes of the file",
                                  (unsigned long long)source->size);
    if (!source->start && source->nbytes == source->size) { /* looked at */
        done = source->nbytes;
        memcpy(bytes, source->bytes, done);
    } else {
        FORAY_TRY(read_at(source, bytes, (size_t)source->size, 0, &done, err));
    }
    foray__source_close(source);
    foray__source_wrap(source, bytes, done, source->name);
    return 0;
}

int foray_image_stat(uint64_t *nbytes, int64_t *mtime_ns, const char *path,
                     struct foray_error *err)
{
    struct foray__archived file;

    FORAY_TRY(foray__archive_stat(&file, path, err));
    *nbytes = file.size;
    *mtime_ns = file.changed;
    return 0;
}
