/* Any bytes as a tar archive: no crash, no leak; what is listed lies in it, in
 * order, and is found by its name; a failure leaves one sentence.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "image/archive_list.h"
#include "storage/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

static void check_failure(int code, const struct foray_error *err)
{
    if (code != err->code || !err->msg[0] || strchr(err->msg, '\n'))
        abort();
}

/* What reading an archive to its end came to. */
struct end {
    bool opened;
    size_t n; /* files */
    int code; /* what it ended with */
};

static struct end check_members(const char *path, size_t nbytes)
{
    struct foray__tar_member member;
    struct foray_error err = {.code = 0};
    struct end end = {0};
    struct foray__tar tar;
    uint64_t behind = 0;
    bool more;

    end.code = foray__tar_open(&tar, path, &err);
    end.opened = !end.code;
    if (end.code) {
        check_failure(end.code, &err);
        return end;
    }
    while (!(end.code = foray__tar_next(&member, &more, &tar, &err)) && more) {
        if (member.offset < behind + FORAY__TAR_BLOCK ||
            member.offset > nbytes || member.size > nbytes - member.offset)
            abort();
        behind = member.offset + member.size;
        end.n++;
    }
    if (end.code)
        check_failure(end.code, &err);
    foray__tar_close(&tar);
    return end;
}

/* Damage behind what is listed is no failure. */
static void check_list(const char *path, size_t nbytes, struct end end)
{
    struct foray__archive_list list;
    struct foray_error err = {.code = 0};

    if (foray__archive_list_read(&list, path, &err) !=
        (end.opened ? 0 : end.code))
        abort();
    if (!end.opened) {
        check_failure(end.code, &err);
        return;
    }
    if (list.damage.code != end.code || list.n > end.n || (end.n && !list.n))
        abort();
    if (end.code)
        check_failure(end.code, &list.damage);
    for (size_t i = 0; i < list.n; i++) {
        const struct foray__archive_entry *entry = &list.entries[i];

        if (foray__archive_list_find(&list, list.names + entry->name) !=
                entry ||
            entry->size > nbytes)
            abort();
    }
    foray__archive_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    static int fd = -1;
    char path[32];

    if (fd < 0)
        fd = (int)syscall(SYS_memfd_create, "archive", 0);
    if (fd < 0 || ftruncate(fd, 0) ||
        pwrite(fd, bytes, nbytes, 0) != (ssize_t)nbytes) {
        perror("fuzz_tar");
        exit(99);
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    check_list(path, nbytes, check_members(path, nbytes));
    return 0;
}
