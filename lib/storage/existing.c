#include "storage/existing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "storage/file.h"
#include "storage/pages.h"
#include "storage/segment.h"

static int refuse_kind(const char *name, mode_t mode, const char *expected,
                       struct foray_error *err)
{
    return foray__fail(err, FORAY_EFORMAT, "%s is %s, not %s", name,
                       S_ISDIR(mode)    ? "a folder"
                       : S_ISFIFO(mode) ? "a pipe"
                                        : "a device or a socket",
                       expected);
}

int foray__existing_open(int *fd, uint64_t *size, const char *path,
                         bool writable, const char *expected,
                         struct foray_error *err)
{
    int flags =
        (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    char tail[FORAY__TAIL_SIZE];
    const char *name;
    struct stat st;
    int code = 0;

    *fd = -1;
    if (!path || !*path)
        return foray__fail(err, FORAY_EINVAL, "there is no path to open");
    name = foray__tail(tail, path);
    /* Looked at before, because opening a device may do something already,
     * and again after, because the name may have changed hands. */
    if (stat(path, &st))
        return foray__fail_errno(err, errno, "cannot open %s", name);
    if (!S_ISREG(st.st_mode))
        return refuse_kind(name, st.st_mode, expected, err);
    *fd = foray__above_streams(open(path, flags));
    if (*fd < 0 || fstat(*fd, &st))
        code = foray__fail_errno(err, errno, "cannot open %s%s", name,
                                 writable ? " for writing" : "");
    else if (!S_ISREG(st.st_mode))
        code = refuse_kind(name, st.st_mode, expected, err);
    if (code && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    *size = code ? 0 : (uint64_t)st.st_size;
    return code;
}

int foray__existing_mode(enum foray_mode *out, const char *mode,
                         struct foray_error *err)
{
    if (mode && !strcmp(mode, "r"))
        *out = FORAY_READ;
    else if (mode && !strcmp(mode, "r+"))
        *out = FORAY_READ_WRITE;
    else if (mode && !strcmp(mode, "c"))
        *out = FORAY_COPY;
    else
        return foray__fail(err, FORAY_EINVAL,
                           "there is no mode \"%.16s\" for opening: use r, r+ "
                           "or c",
                           mode ? mode : "NULL");
    return 0;
}

int foray__existing_map(struct foray_array *out, int fd, const char *path,
                        const struct foray__layout *layout, uint64_t offset,
                        uint64_t nbytes, enum foray_mode mode,
                        struct foray_error *err)
{
    /* Nothing at the very start of a file still needs an address. */
    size_t length = (size_t)(offset + nbytes) ? (size_t)(offset + nbytes) : 1;
    struct foray_segment *segment;
    char tail[FORAY__TAIL_SIZE];
    void *base = foray__map(fd, length, mode);

    if (!base)
        return foray__fail_errno(err, errno, "cannot map %s",
                                 foray__tail(tail, path));
    segment = foray__segment_new(fd, base, length, mode, path, layout->descr);
    if (!segment) {
        munmap(base, length);
        return foray__fail(err, FORAY_ENOMEM, "no memory for %s",
                           foray__tail(tail, path));
    }
    foray__layout_apply(out, layout, (char *)base + offset);
    out->mode = mode;
    out->segment = segment;
    return 0;
}
