/* Full file systems: small ones mounted in a namespace of a child, which only
 * root may; else the program is skipped. */
#include "helpers.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <foray.h>

#include "storage/segment.h"

static const size_t MiB = 1 << 20;
static char folder[256];
static struct foray_error err;

/* A file system of `mib` MiB over a folder, in this process's namespace. */
static int mount_small(const char *path, int mib)
{
    char options[32];

    snprintf(options, sizeof options, "size=%dm", mib);
    return mount("foray-test", path, "tmpfs", 0, options);
}

static int enter_namespace(void)
{
    return unshare(CLONE_NEWNS) ||
           mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static size_t free_in(const char *path)
{
    struct statvfs space;

    return statvfs(path, &space) ? 0 : (size_t)space.f_bavail * space.f_frsize;
}

/* 1 element type for all: bytes. */
static int make(struct foray_array *out, const char *where, size_t nbytes)
{
    struct foray_placement at = {.folder = where};

    return foray_array_create_at(out, NULL, FORAY_U8, 1, &nbytes, &at, &err);
}

static int try_sizes(const char *absent)
{
    static const size_t mib[] = {1, 14, 15, 16, 60};
    struct foray_array array, source, copy;
    size_t before = free_in(folder), nbytes;
    struct foray_placement at = {.folder = folder};
    char *bytes = calloc(60, MiB);

    setenv("FORAY_TEST_NO", absent, 1);
    for (size_t i = 0; i < 5; i++) {
        bool fits = i < 3;

        nbytes = mib[i] * MiB;
        if (foray_array_wrap(&source, bytes, FORAY_U8, 1, &nbytes, NULL))
            return 10;
        if (make(&array, folder, nbytes) != (fits ? 0 : FORAY_ENOSPC))
            return 11;
        if (fits) {
            memset(array.data, 1, nbytes);
            if (foray_array_close(&array, NULL))
                return 12;
        }
        if (free_in(folder) != before)
            return 13;
        if (foray_array_dump(&copy, &source, &at, &err) !=
            (fits ? 0 : FORAY_ENOSPC))
            return 14;
        if (fits && foray_array_close(&copy, NULL))
            return 15;
        if (free_in(folder) != before)
            return 16;
    }
    free(bytes);
    return 0;
}

static int unnamed_on_a_small_one(void *arg)
{
    if (enter_namespace() || mount_small(folder, 16))
        return 1;
    return try_sizes(arg);
}

static void test_unnamed(void **state)
{
    static const char *const absent[] = {"", "collapse", "tmpfile",
                                         "collapse,tmpfile,fallocate"};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            in_child(unnamed_on_a_small_one, (void *)(uintptr_t)absent[i]), 0);
}

/* The choice says it fits, and somebody else takes the space meanwhile. */
static int named_on_a_small_one(void *arg)
{
    struct foray_array array;
    size_t nbytes = 40 * MiB, before;
    char path[300];
    struct stat st;

    (void)arg;
    if (enter_namespace() || mount_small(folder, 16))
        return 1;
    before = free_in(folder);
    snprintf(path, sizeof path, "%s/x.npy", folder);
    if (foray_array_create(&array, path, FORAY_U8, 1, &nbytes, &err) !=
        FORAY_ENOSPC)
        return 2;
    if (!strstr(err.msg, "x.npy needs 40.0 MiB") || !strstr(err.msg, "free"))
        return 3;
    if (!stat(path, &st) || free_in(folder) != before)
        return 4;
    nbytes = 10;
    if (foray_array_create(&array, path, FORAY_U8, 1, &nbytes, NULL))
        return 5;
    if (foray_array_close(&array, NULL))
        return 6;
    before = free_in(folder);
    nbytes = 40 * MiB;
    if (foray_array_wrap(&array, calloc(1, nbytes), FORAY_U8, 1, &nbytes, NULL))
        return 7;
    if (foray_array_save(&array, path, &err) != FORAY_ENOSPC)
        return 8;
    if (!strstr(err.msg, "x.npy needs 40.0 MiB"))
        return 9;
    /* The old file is whole. */
    if (stat(path, &st) || st.st_size != 138 || free_in(folder) != before)
        return 10;
    return 0;
}

static void test_named(void **state)
{
    (void)state;
    assert_int_equal(in_child(named_on_a_small_one, NULL), 0);
    setenv("FORAY_TEST_NO", "tmpfile,collapse,fallocate", 1);
    assert_int_equal(in_child(named_on_a_small_one, NULL), 0);
    unsetenv("FORAY_TEST_NO");
}

static int beside_small_shm(void *arg)
{
    struct foray_array array;
    struct foray_folder chosen;

    (void)arg;
    if (enter_namespace() || mount_small("/dev/shm", 4))
        return 1;
    if (foray_folder_choose(&chosen, NULL, 64 * MiB, NULL) ||
        strcmp(chosen.path, "memfd:") || !chosen.shared_memory)
        return 2;
    if (make(&array, NULL, 64 * MiB))
        return 3;
    /* A memfd, which nobody can cut under the mapping. */
    if ((fcntl(array.segment->fd, F_GET_SEALS) &
         (F_SEAL_SHRINK | F_SEAL_GROW)) != (F_SEAL_SHRINK | F_SEAL_GROW))
        return 4;
    if (!ftruncate(array.segment->fd, 0))
        return 5;
    memset(array.data, 1, 64 * MiB);
    if (foray_array_close(&array, NULL))
        return 6;
    setenv("FORAY_TEST_NO", "memfd", 1);
    setenv("TMPDIR", folder, 1);
    if (foray_folder_choose(&chosen, NULL, 64 * MiB, NULL) ||
        strcmp(chosen.path, folder) || chosen.shared_memory)
        return 7;
    if (foray_folder_choose(&chosen, NULL, MiB, NULL) ||
        strcmp(chosen.path, "/dev/shm"))
        return 8;
    return 0;
}

static void test_small_shm(void **state)
{
    (void)state;
    assert_int_equal(in_child(beside_small_shm, NULL), 0);
}

static int fits_nowhere(void *arg)
{
    struct foray_folder chosen;

    (void)arg;
    if (enter_namespace() || mount_small(folder, 3) ||
        mount_small("/dev/shm", 4) || mount_small("/tmp", 5))
        return 1;
    setenv("FORAY_TEST_NO", "memfd", 1);
    unsetenv("TMPDIR");
    if (foray_folder_choose(&chosen, NULL, 64 * MiB, &err) != FORAY_ENOSPC)
        return 2;
    if (!strstr(err.msg, "/dev/shm, where 4.0 MiB") ||
        !strstr(err.msg, "/tmp, where 5.0 MiB"))
        return 3;
    return 0;
}

/* Bytes are left, but nothing that a file could begin with. */
static int no_more_files(void *arg)
{
    struct foray_folder chosen;
    struct foray_array array;

    (void)arg;
    if (enter_namespace() ||
        mount("foray-test", "/dev/shm", "tmpfs", 0, "size=4m,nr_inodes=1"))
        return 1;
    if (foray_folder_choose(&chosen, "/dev/shm", 1, &err) != FORAY_ENOSPC ||
        !strstr(err.msg, "no more files"))
        return 2;
    return make(&array, NULL, MiB) || foray_array_close(&array, NULL) ? 3 : 0;
}

static void test_no_more_files(void **state)
{
    (void)state;
    assert_int_equal(in_child(no_more_files, NULL), 0);
}

static void test_fits_nowhere(void **state)
{
    (void)state;
    assert_int_equal(in_child(fits_nowhere, NULL), 0);
}

static int may_mount(void *arg)
{
    (void)arg;
    return enter_namespace() || mount_small(folder, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unnamed),
        cmocka_unit_test(test_named),
        cmocka_unit_test(test_small_shm),
        cmocka_unit_test(test_fits_nowhere),
        cmocka_unit_test(test_no_more_files),
    };

    unsetenv("FORAY_TEMP_FOLDER");
    strcpy(folder, test_folder());
    if (in_child(may_mount, NULL)) {
        print_message("skipped: mounting a small tmpfs needs root\n");
        return 77;
    }
    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
