#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <foray/storage.h>

enum { MOST_OPENED = 4, LARGEST = 1 << 22 };

static void check_failure(int code, const struct foray_error *err)
{
    if (code != err->code || !err->msg[0] || strchr(err->msg, '\n'))
        abort();
}

/* Every byte is there. */
static unsigned sum(const struct foray_array *x)
{
    size_t n = foray_array_nbytes(x);
    const unsigned char *bytes = x->data;
    unsigned total = 0;

    for (size_t i = 0; i < n; i++)
        total = 31 * total + bytes[i];
    return total;
}

static void check_same(const struct foray_array *a, const struct foray_array *b)
{
    if (a->dtype != b->dtype || a->ndim != b->ndim ||
        a->itemsize != b->itemsize || sum(a) != sum(b) ||
        strcmp(foray_array_descr(a), foray_array_descr(b)) != 0)
        abort();
}

/* `promised` is what the list said, or NULL. */
static void check_array(const struct format *format, const char *path,
                        const char *name, const struct foray_dataset *promised)
{
    struct foray_array mapped, loaded;
    struct foray_error err;
    int code = format->open(&mapped, path, name, "r", &err);

    if (code)
        check_failure(code, &err);
    else if (promised && (foray_array_nbytes(&mapped) != promised->nbytes ||
                          mapped.ndim != promised->ndim))
        abort();
    int other = format->load(&loaded, path, name, &err);

    if (other) /* a checksum, which mapping does not look at */
        check_failure(other, &err);
    if (!code && !other)
        check_same(&mapped, &loaded);
    if (code && !other)
        abort();
    foray_array_close(&mapped, NULL);
    foray_array_close(&loaded, NULL);
}

static void check_list(const struct format *format, const char *path,
                       size_t nbytes)
{
    struct foray_dataset_list list;
    struct foray_error err;
    int code = format->list(&list, path, &err);

    if (code) {
        check_failure(code, &err);
        if (list.items || list.n)
            abort();
        return;
    }
    for (size_t i = 0; i < list.n; i++) {
        const struct foray_dataset *d = &list.items[i];
        const struct foray_dataset *same = foray_dataset_find(&list, d->name);

        if (d->mappable && d->offset + d->nbytes > nbytes)
            abort();
        /* Of two arrays of one name another may be opened. */
        if (i < MOST_OPENED && d->nbytes < LARGEST)
            check_array(format, path, d->name, NULL);
        if (!same)
            abort();
    }
    foray_dataset_list_free(&list);
}

void check_file(const struct format *format, const uint8_t *bytes,
                size_t nbytes)
{
    int fd = (int)syscall(SYS_memfd_create, "file", 0);
    char path[32];

    if (fd < 0 || write(fd, bytes, nbytes) != (ssize_t)nbytes) {
        perror("fuzz");
        exit(99);
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    check_list(format, path, nbytes);
    check_array(format, path, NULL, NULL);
    check_array(format, path, "x", NULL);
    close(fd);
}
