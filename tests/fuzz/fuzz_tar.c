/* Any bytes as a tar archive: no crash, no leak; what is listed lies in it, in
 * order, and is found by its name; a failure leaves one sentence.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
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

/* Returns how many files there are, and what the reading ended with. */
static size_t check_members(const char *path, size_t nbytes, int *code)
{
    struct foray__tar_member member;
    struct foray_error err = {.code = 0};
    struct foray__tar tar;
    uint64_t behind = 0;
    size_t n = 0;
    bool more;

    *code = foray__tar_open(&tar, path, &err);
    if (*code) {
        check_failure(*code, &err);
        return 0;
    }
    while (!(*code = foray__tar_next(&member, &more, &tar, &err)) && more) {
        if (member.offset < behind + FORAY__TAR_BLOCK ||
            member.offset > nbytes || member.size > nbytes - member.offset)
            abort();
        behind = member.offset + member.size;
        n++;
    }
    if (*code)
        check_failure(*code, &err);
    foray__tar_close(&tar);
    return n;
}

static void check_list(const char *path, size_t nbytes, size_t n, int code)
{
    struct foray__archive_list list;
    struct foray_error err = {.code = 0};

    if (foray__archive_list_read(&list, path, &err) != code)
        abort();
    if (code) {
        check_failure(code, &err);
        return;
    }
    if (list.n > n || (n && !list.n))
        abort();
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
    size_t n;
    int code;

    if (fd < 0)
        fd = (int)syscall(SYS_memfd_create, "archive", 0);
    if (fd < 0 || ftruncate(fd, 0) ||
        pwrite(fd, bytes, nbytes, 0) != (ssize_t)nbytes) {
        perror("fuzz_tar");
        exit(99);
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    n = check_members(path, nbytes, &code);
    check_list(path, nbytes, n, code);
    return 0;
}
