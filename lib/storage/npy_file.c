#include "storage/npy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "base/error.h"

/* As many bytes as there are, at most `nbytes`; -1 with errno. */
static ssize_t read_at(int fd, void *bytes, size_t nbytes, size_t offset)
{
    size_t done = 0;

    while (done < nbytes) {
        ssize_t n = pread(fd, (char *)bytes + done, nbytes - done,
                          (off_t)(offset + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/* Almost every header fits into the first page; the rest is read when the
 * length in the header says so. */
static int read_header(struct foray__npy_file *out, uint64_t file_size,
                       const char *path, struct foray_error *err)
{
    enum { FIRST = 4096, ALL = FORAY__NPY_MAX_HEADER + 12 };
    unsigned char *bytes = malloc(ALL);
    char tail[FORAY__TAIL_SIZE];
    ssize_t n;
    int code;

    if (!bytes)
        return foray__fail(err, FORAY_ENOMEM, "no memory to read %s",
                           foray__tail(tail, path));
    n = read_at(out->fd, bytes, FIRST, 0);
    if (n == FIRST && (bytes[6] > 1 || bytes[9] >= FIRST >> 8))
        n = read_at(out->fd, bytes, ALL, 0);
    if (n < 0)
        code = foray__fail_errno(err, errno, "cannot read %s",
                                 foray__tail(tail, path));
    else
        code = foray__npy_parse(&out->header, bytes, (size_t)n, file_size, path,
                                err);
    free(bytes);
    return code;
}

int foray__npy_file_open(struct foray__npy_file *out, const char *path,
                         bool writable, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    const char *name = foray__tail(tail, path);
    struct stat st;
    int code;

    memset(out, 0, sizeof *out);
    out->fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC |
                             O_NONBLOCK | O_NOCTTY);
    if (out->fd < 0)
        return errno == EISDIR
                   ? foray__fail(err, FORAY_EFORMAT,
                                 "%s is a folder, not a .npy file", name)
                   : foray__fail_errno(err, errno, "cannot open %s", name);
    if (fstat(out->fd, &st))
        code = foray__fail_errno(err, errno, "cannot read %s", name);
    else if (!S_ISREG(st.st_mode))
        code =
            foray__fail(err, FORAY_EFORMAT, "%s is %s, not a .npy file", name,
                        S_ISDIR(st.st_mode)    ? "a folder"
                        : S_ISFIFO(st.st_mode) ? "a pipe"
                                               : "a device or socket");
    else
        code = read_header(out, (uint64_t)st.st_size, path, err);
    if (code)
        foray__npy_file_close(out);
    return code;
}

int foray__npy_file_read(const struct foray__npy_file *file, void *data,
                         const char *path, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    ssize_t n =
        read_at(file->fd, data, file->header.nbytes, file->header.offset);

    if (n < 0)
        return foray__fail_errno(err, errno, "cannot read %s",
                                 foray__tail(tail, path));
    if ((size_t)n < file->header.nbytes)
        return foray__fail(err, FORAY_ETRUNCATED,
                           "%s became shorter while it was read",
                           foray__tail(tail, path));
    return 0;
}

void foray__npy_file_close(struct foray__npy_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    foray__npy_free(&file->header);
}

int foray_npy_info(struct foray_npy_info *out, const char *path,
                   struct foray_error *err)
{
    struct foray__npy_file file;
    size_t room = sizeof out->descr - 4;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__npy_file_open(&file, path, false, err));
    out->dtype = file.header.dtype;
    out->swapped = file.header.swapped;
    out->fortran_order = file.header.fortran_order;
    out->version = file.header.version;
    out->ndim = file.header.ndim;
    out->itemsize = file.header.itemsize;
    memcpy(out->shape, file.header.shape, sizeof out->shape);
    out->offset = file.header.offset;
    out->nbytes = file.header.nbytes;
    snprintf(out->descr, sizeof out->descr, "%.*s%s", (int)room,
             file.header.descr, strlen(file.header.descr) > room ? "..." : "");
    foray__npy_file_close(&file);
    return 0;
}
