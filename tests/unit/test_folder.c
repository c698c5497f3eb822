/* The choice of a folder and the limits of memory. What needs a small file
 * system is in test_full.c. */
#include "helpers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray.h>

#include "storage/folder.h"
#include "storage/memory.h"
#include "storage/size_text.h"

static struct foray_error err;

static void test_option_wins(void **state)
{
    struct foray_folder folder;

    (void)state;
    setenv("FORAY_TEMP_FOLDER", "/nowhere", 1);
    assert_ok(foray_folder_choose(&folder, test_folder(), 1000, &err), err);
    assert_string_equal(folder.path, test_folder());
    assert_true(folder.free_bytes > 1000);
    unsetenv("FORAY_TEMP_FOLDER");
}

static void test_environment_comes_second(void **state)
{
    struct foray_folder folder;

    (void)state;
    setenv("FORAY_TEMP_FOLDER", test_folder(), 1);
    assert_ok(foray_folder_choose(&folder, NULL, 1000, &err), err);
    assert_string_equal(folder.path, test_folder());
    assert_ok(foray_folder_choose(&folder, "", 1000, &err), err);
    assert_string_equal(folder.path, test_folder());
    unsetenv("FORAY_TEMP_FOLDER");
}

static void test_shared_memory_is_the_default(void **state)
{
    struct foray_folder folder;

    (void)state;
    assert_ok(foray_folder_choose(&folder, NULL, 1000, &err), err);
    assert_true(folder.shared_memory);
}

static void test_errors_name_the_folder(void **state)
{
    struct foray_folder folder = {.path = "untouched"};
    const char *missing = test_path("missing"), *file = test_path("file");

    (void)state;
    close(open(file, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(foray_folder_choose(&folder, missing, 1, &err),
                     FORAY_ENOENT);
    assert_non_null(strstr(err.msg, "missing"));
    assert_int_equal(foray_folder_choose(&folder, file, 1, &err), FORAY_EACCES);
    assert_non_null(strstr(err.msg, "not a folder"));
    assert_int_equal(
        foray_folder_choose(&folder, test_folder(), SIZE_MAX / 2, &err),
        FORAY_ENOSPC);
    assert_non_null(strstr(err.msg, "EiB do not fit into"));
    assert_non_null(strstr(err.msg, "FORAY_TEMP_FOLDER"));
    assert_string_equal(folder.path, "untouched");
    assert_int_equal(foray_folder_choose(&folder, missing, 1, NULL),
                     FORAY_ENOENT);
}

static void test_open_to_all_without_sticky_is_refused(void **state)
{
    const char *open_to_all = test_path("open");
    struct foray_folder folder;

    (void)state;
    assert_int_equal(mkdir(open_to_all, 0700), 0);
    assert_int_equal(chmod(open_to_all, 0777), 0);
    assert_int_equal(foray_folder_choose(&folder, open_to_all, 1, &err),
                     FORAY_EACCES);
    assert_non_null(strstr(err.msg, "sticky"));
    assert_int_equal(chmod(open_to_all, 01777), 0);
    assert_ok(foray_folder_choose(&folder, open_to_all, 1, &err), err);
}

static int choose_unprivileged(void *arg)
{
    struct foray_folder folder;

    if (geteuid() == 0 && setresuid(65534, 65534, 65534))
        return 1;
    return foray_folder_choose(&folder, arg, 1, NULL) == FORAY_EACCES ? 0 : 2;
}

static void test_write_protected_folder_is_refused(void **state)
{
    char *locked = strdup(test_path("locked"));

    (void)state;
    assert_int_equal(chmod(test_folder(), 0711), 0);
    assert_int_equal(mkdir(locked, 0555), 0);
    assert_int_equal(in_child(choose_unprivileged, locked), 0);
    free(locked);
}

static void test_folder_for_names_is_never_a_memfd(void **state)
{
    struct foray_folder folder;

    (void)state;
    assert_ok(foray__folder_for_names(&folder, NULL, &err), err);
    assert_int_equal(folder.path[0], '/');
}

/* A file below a made-up root, its folders made on the way. */
static void put(const char *root, const char *path, const char *text)
{
    char full[512];
    FILE *file;

    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = full + strlen(root) + 1;
         (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(full, 0700);
        *slash = '/';
    }
    file = fopen(full, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static const char *new_root(const char *name)
{
    const char *root = test_path(name);

    assert_int_equal(mkdir(root, 0700), 0);
    put(root, "/proc/meminfo",
        "MemTotal:       1000000 kB\n"
        "MemFree:          10000 kB\n"
        "MemAvailable:    500000 kB\n"
        "SwapFree:        100000 kB\n");
    return root;
}

static void test_memory_of_the_machine(void **state)
{
    struct foray__memory memory = foray__memory_free(new_root("machine"));

    (void)state;
    assert_int_equal(memory.free_bytes, (size_t)600000 * 1024);
    assert_string_equal(memory.limit, "the machine");
    assert_int_equal(foray__memory_free("/nowhere").free_bytes, SIZE_MAX);
}

static void test_memory_of_a_group_v2(void **state)
{
    const char *root = new_root("v2");
    struct foray__memory memory;

    (void)state;
    put(root, "/proc/self/cgroup", "0::/user/job\n");
    put(root, "/proc/self/mountinfo",
        "26 22 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    put(root, "/sys/fs/cgroup/user/job/memory.max", "max\n");
    put(root, "/sys/fs/cgroup/user/job/memory.current", "5000\n");
    put(root, "/sys/fs/cgroup/user/memory.max", "100000\n");
    put(root, "/sys/fs/cgroup/user/memory.current", "60000\n");
    put(root, "/sys/fs/cgroup/user/memory.stat",
        "anon 20000\nactive_file 1000\ninactive_file 9000\n");
    memory = foray__memory_free(root);
    assert_int_equal(memory.free_bytes, 100000 - 60000 + 10000);
    assert_non_null(strstr(memory.limit, "cgroup"));
}

static void test_memory_of_a_group_v1(void **state)
{
    const char *root = new_root("v1");

    (void)state;
    put(root, "/proc/self/cgroup",
        "5:devices:/\n4:cpu,memory:/box/inner\n1:name=systemd:/x\n0::/\n");
    put(root, "/proc/self/mountinfo",
        "32 31 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup "
        "rw,cpu,memory\n");
    put(root, "/sys/fs/cgroup/memory/box/inner/memory.limit_in_bytes",
        "9223372036854771712\n");
    put(root, "/sys/fs/cgroup/memory/box/inner/memory.usage_in_bytes", "1\n");
    put(root, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "70000\n");
    put(root, "/sys/fs/cgroup/memory/memory.usage_in_bytes", "80000\n");
    put(root, "/sys/fs/cgroup/memory/memory.stat",
        "inactive_file 1\ntotal_inactive_file 20000\n");
    assert_int_equal(foray__memory_free(root).free_bytes, 10000);
    put(root, "/sys/fs/cgroup/memory/memory.stat", "total_inactive_file 0\n");
    assert_int_equal(foray__memory_free(root).free_bytes, 0);
}

static void test_size_text(void **state)
{
    (void)state;
    assert_string_equal(foray__size_text(0).text, "0 bytes");
    assert_string_equal(foray__size_text(10239).text, "10239 bytes");
    assert_string_equal(foray__size_text(65536).text, "64.0 KiB");
    assert_string_equal(foray__size_text((size_t)3 << 29).text, "1.5 GiB");
    assert_string_equal(foray__size_text(SIZE_MAX).text, "16.0 EiB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_wins),
        cmocka_unit_test(test_environment_comes_second),
        cmocka_unit_test(test_shared_memory_is_the_default),
        cmocka_unit_test(test_errors_name_the_folder),
        cmocka_unit_test(test_open_to_all_without_sticky_is_refused),
        cmocka_unit_test(test_write_protected_folder_is_refused),
        cmocka_unit_test(test_folder_for_names_is_never_a_memfd),
        cmocka_unit_test(test_memory_of_the_machine),
        cmocka_unit_test(test_memory_of_a_group_v2),
        cmocka_unit_test(test_memory_of_a_group_v1),
        cmocka_unit_test(test_size_text),
    };

    unsetenv("FORAY_TEMP_FOLDER");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
