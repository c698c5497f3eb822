/* Tar archives that are cut short, damaged, or none. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/image.h>

#include "tar_files.h"

static struct foray_error err;

/* A picture that is cut has none of the next one's bytes. */
static void test_cut_member(void **state)
{
    FILE *file = tar_begin(test_path("cut.tar"));

    (void)state;
    tar_put(file, "header.pgm", '0', "P5 2 2");
    tar_put(file, "pixels.pgm", '0', "P5 2 2 255\nab");
    tar_put(file, "whole.pgm", '0', TAR_PICTURE("w"));
    tar_end(file);
    assert_int_equal(tar_read("cut.tar", "header.pgm", &err), FORAY_ETRUNCATED);
    assert_int_equal(tar_read("cut.tar", "pixels.pgm", &err), FORAY_ETRUNCATED);
    assert_level("cut.tar", "whole.pgm", 'w');
}

static void test_cut_archive(void **state)
{
    const char *path = test_path("short.tar");
    FILE *file = tar_begin(path);
    struct foray_image_members members;

    (void)state;
    tar_put(file, "name", 'L', "a.pgm");
    tar_put(file, "cut", '0', TAR_PICTURE("a"));
    tar_put(file, "b.pgm", '0', TAR_PICTURE("b"));
    tar_end(file);
    for (off_t n = 3071; n >= 0; n--) {
        int code;

        assert_int_equal(truncate(path, n), 0);
        code = foray_image_members(&members, path, &err);
        if (n % 512) {
            assert_int_equal(code, n < 512 ? FORAY_EFORMAT : FORAY_ETRUNCATED);
            assert_non_null(strstr(err.msg, "short.tar"));
        }
        if (!code) /* where a header would begin */
            assert_true(n == 2048 || n == 1024 || n == 3072);
        foray_image_members_free(&members);
    }
    assert_int_equal(foray_image_members(&members, path, &err),
                     FORAY_ETRUNCATED);
}

/* The second header of two. */
static void write_damaged(const char *path)
{
    FILE *file = tar_begin(path);

    tar_put(file, "a.pgm", '0', TAR_PICTURE("a"));
    tar_put(file, "b.pgm", '0', TAR_PICTURE("b"));
    fseek(file, 1024 + 110, SEEK_SET);
    fputc('7', file);
    fseek(file, 0, SEEK_END);
    tar_end(file);
}

static void test_damaged(void **state)
{
    const char *path = test_path("damaged.tar");
    struct foray_image_members members;

    (void)state;
    write_damaged(path);
    assert_int_equal(foray_image_members(&members, path, &err), FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "damaged.tar is a damaged tar archive: at "
                                    "byte 1024 the checksum"));
    assert_int_equal(members.n, 0);
}

/* What is before the damage can be read; of the rest nobody knows. */
static void test_before_damage(void **state)
{
    const char *path = test_path("damaged.tar");
    struct foray_image_members members;
    struct foray_error damage;
    struct foray_image_info info;

    (void)state;
    write_damaged(path);
    assert_ok(foray_image_members_before(&members, &damage, path, &err), err);
    assert_int_equal(damage.code, FORAY_EFORMAT);
    assert_non_null(strstr(damage.msg, "at byte 1024"));
    assert_int_equal(members.n, 1);
    foray_image_members_free(&members);
    assert_level("damaged.tar", "a.pgm", 'a');
    assert_int_equal(tar_read("damaged.tar", "b.pgm", &err), FORAY_EFORMAT);
    assert_string_equal(err.msg, damage.msg);
    assert_int_equal(foray_image_info(&info, path, &err), FORAY_EFORMAT);
    assert_string_equal(err.msg, damage.msg);
}

/* An archive is no image, whatever its first name looks like. */
static void test_archive_as_image(void **state)
{
    const char *path = test_path("P5 1.tar");
    struct foray_image_members members;
    struct foray_error damage;
    struct foray_image_info info;
    FILE *file = tar_begin(path);

    (void)state;
    tar_put(file, "P5 1 1 255.pgm", '0', TAR_PICTURE("a"));
    tar_end(file);
    assert_ok(foray_image_members_before(&members, &damage, path, &err), err);
    assert_int_equal(damage.code, 0);
    assert_int_equal(members.n, 1);
    foray_image_members_free(&members);
    assert_int_equal(foray_image_info(&info, path, &err), FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "an image in it is ARCHIVE.tar:NAME"));
}

static void test_no_archive(void **state)
{
    struct foray_image_members members;
    FILE *file = tar_begin(test_path("c.tar.gz"));

    (void)state;
    fputs("\x1f\x8b\x08", file);
    tar_end(file);
    assert_int_equal(foray_image_members(&members, test_path("c.tar.gz"), &err),
                     FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "compressed (gzip)"));
    file = tar_begin(test_path("words.tar"));
    tar_put_data(file, "words");
    tar_end(file);
    assert_int_equal(
        foray_image_members(&members, test_path("words.tar"), &err),
        FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "is no tar archive"));
    file = tar_begin(test_path("named"));
    tar_end(file);
    assert_int_equal(foray_image_members(&members, test_path("named"), &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_image_members(&members, test_folder(), NULL),
                     FORAY_ENOTSUP);
    assert_int_equal(foray_image_members(&members, test_path("none.tar"), &err),
                     FORAY_ENOENT);
    assert_int_equal(mkfifo(test_path("fifo.tar"), 0600), 0);
    assert_int_equal(foray_image_members(&members, test_path("fifo.tar"), &err),
                     FORAY_ENOTSUP);
    assert_int_equal(tar_read("fifo.tar", "a.pgm", &err), FORAY_ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_member),
        cmocka_unit_test(test_cut_archive),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_before_damage),
        cmocka_unit_test(test_archive_as_image),
        cmocka_unit_test(test_no_archive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
