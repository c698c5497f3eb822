/* Segments: lifetimes, processes, descriptors. */
#include "helpers.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray.h>

#include "storage/segment.h"

static struct foray_error err;
static const size_t three[1] = {3};

static void make(struct foray_array *out)
{
    assert_ok(foray_array_create(out, NULL, FORAY_F64, 1, three, &err), err);
}

static void test_facts(void **state)
{
    struct foray_array a, b;
    struct stat st;

    (void)state;
    make(&a);
    make(&b);
    assert_true(a.segment->id < b.segment->id);
    assert_int_equal(a.segment->pid, getpid());
    assert_int_equal(a.segment->length, 128 + 24);
    assert_ptr_equal(a.data, (char *)a.segment->base + 128);
    assert_null(a.segment->path);
    assert_int_equal(a.segment->mode, FORAY_CREATE);
    assert_true(fcntl(a.segment->fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(fstat(a.segment->fd, &st), 0);
    assert_int_equal(st.st_nlink, 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, 152);
    assert_int_equal(foray_array_close(&a, &err), 0);
    assert_int_equal(foray_array_close(&b, &err), 0);
}

static void test_close_twice(void **state)
{
    struct foray_array array, copy;

    (void)state;
    make(&array);
    copy = array;
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_null(array.segment);
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_int_equal(foray_array_close(NULL, &err), 0);
    assert_int_equal(foray_array_close(&copy, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "closed already"));
    assert_int_equal(foray_array_commit(&copy, &err), FORAY_EINVAL);
}

static void test_close_while_used(void **state)
{
    struct foray_array array;

    (void)state;
    make(&array);
    atomic_fetch_add(&array.segment->users, 1);
    assert_int_equal(foray_array_close(&array, &err), FORAY_EBUSY);
    assert_non_null(array.segment);
    FORAY_AT(&array, double, 2) = 5;
    atomic_fetch_sub(&array.segment->users, 1);
    assert_int_equal(foray_array_close(&array, &err), 0);
}

static int use_in_child(void *arg)
{
    struct foray_array *array = arg;

    if (FORAY_AT(array, double, 1) != 7)
        return 1;
    FORAY_AT(array, double, 2) = 8;
    if (foray_array_close(array, NULL) != FORAY_EFORK || !array->segment)
        return 2;
    if (foray_array_commit(array, NULL) != FORAY_EFORK)
        return 3;
    return 0;
}

static void test_child_shares_but_cannot_close(void **state)
{
    struct foray_array array;

    (void)state;
    make(&array);
    FORAY_AT(&array, double, 1) = 7;
    assert_int_equal(in_child(use_in_child, &array), 0);
    assert_true(FORAY_AT(&array, double, 2) == 8);
    assert_int_equal(foray_array_close(&array, &err), 0);
}

static int forget(void *arg)
{
    struct foray_array *array = arg, own;
    int fd = array->segment->fd;

    foray__segment_forget_all();
    if (fcntl(fd, F_GETFD) != -1)
        return 1;
    if (foray_array_close(array, NULL) != FORAY_EFORK)
        return 2;
    /* A worker may make arrays of its own. */
    if (foray_array_create(&own, NULL, FORAY_F64, 1, three, NULL))
        return 3;
    FORAY_AT(&own, double, 0) = 1;
    if (foray_array_close(&own, NULL))
        return 4;
    if (count_foray_mappings())
        return 5;
    return 0;
}

static int touch_forgotten(void *arg)
{
    foray__segment_forget_all();
    return (int)FORAY_AT((struct foray_array *)arg, double, 0);
}

static void test_forget_all(void **state)
{
    struct foray_array array;

    (void)state;
    make(&array);
    assert_int_equal(in_child(forget, &array), 0);
    assert_int_equal(in_child(touch_forgotten, &array), 128 + SIGSEGV);
    FORAY_AT(&array, double, 0) = 3;
    assert_int_equal(foray_array_close(&array, &err), 0);
}

static uint64_t told;

static void listen_to(uint64_t id)
{
    told = id;
}

static void test_listener_is_told(void **state)
{
    struct foray_array array;
    uint64_t id;

    (void)state;
    make(&array);
    id = array.segment->id;
    foray__segment_on_close(listen_to);
    assert_int_equal(foray_array_close(&array, &err), 0);
    assert_true(told == id);
    foray__segment_on_close(NULL);
}

static int write_in_mode(void *arg)
{
    struct foray_array *array = arg;
    char *base = foray__segment_map(array->segment->fd, array->segment->length,
                                    FORAY_COPY);
    char *shared = foray__segment_map(array->segment->fd,
                                      array->segment->length, FORAY_READ_WRITE);
    char *fixed = foray__segment_map(array->segment->fd, array->segment->length,
                                     FORAY_READ);

    if (!base || !shared || !fixed)
        return 1;
    base[128] = 1;
    if (shared[128] != 0)
        return 2;
    shared[129] = 2;
    if (fixed[129] != 2)
        return 3;
    fixed[128] = 3;
    return 4;
}

static void test_map_in_modes(void **state)
{
    struct foray_array array;

    (void)state;
    make(&array);
    /* The store through the read-only mapping is the end of it. */
    assert_int_equal(in_child(write_in_mode, &array), 128 + SIGSEGV);
    assert_int_equal(((char *)array.data)[1], 2);
    assert_int_equal(foray_array_close(&array, &err), 0);
}

static int make_without_streams(void *arg)
{
    struct foray_array array, opened;

    close(0);
    close(1);
    close(2);
    if (foray_array_create(&array, arg, FORAY_F64, 1, three, NULL))
        return 1;
    if (array.segment->fd <= 2)
        return 2;
    if (foray_array_open(&opened, arg, "r+", NULL))
        return 3;
    return opened.segment->fd <= 2 ? 4 : 0;
}

static void test_standard_streams_are_left_alone(void **state)
{
    char path[256];

    (void)state;
    strcpy(path, test_path("streams.npy"));
    assert_int_equal(in_child(make_without_streams, path), 0);
    assert_int_equal(in_child(make_without_streams, NULL), 3);
}

static size_t names;

static int remember(void **state)
{
    (void)state;
    names = count_shm_names();
    return 0;
}

static int leaves_nothing(void **state)
{
    (void)state;
    return count_foray_mappings() != 0 || !no_more_shm_names(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_close_twice),
        cmocka_unit_test(test_close_while_used),
        cmocka_unit_test(test_child_shares_but_cannot_close),
        cmocka_unit_test(test_forget_all),
        cmocka_unit_test(test_listener_is_told),
        cmocka_unit_test(test_map_in_modes),
        cmocka_unit_test(test_standard_streams_are_left_alone),
    };

    return cmocka_run_group_tests(tests, remember, leaves_nothing);
}
