/* Images in tar archives: which there are, and the pixels of each. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/image.h>

#include "tar_files.h"

static struct foray_error err;

/* The names of an archive's files, each with a blank behind it. */
static const char *names_of(const char *archive)
{
    static char names[4096];
    struct foray_image_members members;
    size_t n = strlen(test_path(archive)) + 1;

    assert_ok(foray_image_members(&members, test_path(archive), &err), err);
    names[0] = '\0';
    for (size_t i = 0; i < members.n; i++) {
        assert_int_equal(strncmp(members.paths[i], test_path(archive), n - 1),
                         0);
        assert_int_equal(members.paths[i][n - 1], ':');
        strcat(strcat(names, members.paths[i] + n), " ");
    }
    foray_image_members_free(&members);
    return names;
}

static void test_members(void **state)
{
    FILE *file = tar_begin(test_path("a.tar"));

    (void)state;
    tar_put(file, "z.pgm", '0', TAR_PICTURE("z"));
    tar_put(file, "d/", '5', "");
    tar_put(file, "d/a.pgm", '0', TAR_PICTURE("a"));
    tar_put(file, "link.pgm", '1', "");
    tar_put(file, "soft.pgm", '2', "");
    tar_put(file, "device", '3', "");
    tar_put(file, "pipe.pgm", '6', "");
    tar_put(file, "notes.txt", '\0', "words");
    tar_put(file, "old/", '\0', "");
    tar_put(file, "other", 'M', TAR_PICTURE("m"));
    tar_put(file, "seven.pgm", '7', TAR_PICTURE("7"));
    tar_put(file, "empty.pgm", '0', "");
    tar_end(file);
    assert_string_equal(names_of("a.tar"),
                        "z.pgm d/a.pgm notes.txt seven.pgm empty.pgm ");
    assert_level("a.tar", "z.pgm", 'z');
    assert_level("a.tar", "d/a.pgm", 'a');
    assert_level("a.tar", "seven.pgm", '7');
    assert_int_equal(tar_read("a.tar", "empty.pgm", &err), FORAY_ETRUNCATED);
    assert_int_equal(tar_read("a.tar", "notes.txt", &err), FORAY_ENOTSUP);
    assert_int_equal(tar_read("a.tar", "link.pgm", &err), FORAY_ENOENT);
    assert_non_null(strstr(err.msg, "link.pgm: the archive"));
    assert_int_equal(tar_read("a.tar", "./z.pgm", &err), FORAY_ENOENT);
    assert_int_equal(tar_read("a.tar", "", &err), FORAY_ENOENT);
    assert_int_equal(tar_read("b.tar", "z.pgm", &err), FORAY_ENOENT);
}

static void test_long_names(void **state)
{
    FILE *file = tar_begin(test_path("long.tar"));

    (void)state;
    tar_put(file, "././@LongLink", 'L', "long/name.pgm");
    tar_put(file, "cut", '0', TAR_PICTURE("l"));
    tar_put(file, "x", 'x', "16 path=pax.pgm\n20 comment=whatever\n");
    tar_put(file, "cut", '0', TAR_PICTURE("p"));
    tar_put(file, "link", 'K', "where");
    tar_put(file, "y", 'x', "16 path=of-link\n");
    tar_put(file, "link", '2', "");
    tar_put(file, "plain.pgm", '0', TAR_PICTURE("q"));
    tar_put(file, "g", 'g', "16 path=all.pgm\n");
    tar_put(file, "cut", '0', TAR_PICTURE("g"));
    tar_end(file);
    assert_string_equal(names_of("long.tar"),
                        "long/name.pgm pax.pgm plain.pgm all.pgm ");
    assert_level("long.tar", "long/name.pgm", 'l');
    assert_level("long.tar", "pax.pgm", 'p');
    assert_level("long.tar", "all.pgm", 'g');
}

static void test_sizes(void **state)
{
    static const char binary[12] = "\x80\0\0\0\0\0\0\0\0\0\0\x0f";
    FILE *file = tar_begin(test_path("sizes.tar"));

    (void)state;
    tar_put_header(file, "binary.pgm", '0', binary);
    tar_put_data(file, TAR_PICTURE("b"));
    tar_put(file, "x", 'x', "11 size=15\n");
    tar_put_header(file, "pax.pgm", '0', "00000000000");
    tar_put_data(file, TAR_PICTURE("p"));
    tar_put_header(file, "blank.pgm", '0', "         17 ");
    tar_put_data(file, TAR_PICTURE("s"));
    tar_end(file);
    assert_level("sizes.tar", "binary.pgm", 'b');
    assert_level("sizes.tar", "pax.pgm", 'p');
    assert_level("sizes.tar", "blank.pgm", 's');
}

/* An archive of 9 GiB, most of which is not there. */
static void test_far(void **state)
{
    static const char size[12] = "\x80\0\0\0\0\0\0\2\x40\0\0\0";
    FILE *file = tar_begin(test_path("far.tar"));

    (void)state;
    tar_put(file, "first.pgm", '0', TAR_PICTURE("f"));
    tar_put_header(file, "large", '0', size);
    assert_int_equal(fseeko(file, (off_t)9 << 30, SEEK_CUR), 0);
    tar_put(file, "last.pgm", '0', TAR_PICTURE("l"));
    tar_end(file);
    assert_string_equal(names_of("far.tar"), "first.pgm large last.pgm ");
    assert_level("far.tar", "last.pgm", 'l');
    assert_level("far.tar", "first.pgm", 'f');
    unlink(test_path("far.tar"));
}

static void test_sparse(void **state)
{
    FILE *file = tar_begin(test_path("sparse.tar"));

    (void)state;
    tar_put(file, "old.pgm", 'S', TAR_PICTURE("o"));
    tar_put(file, "x", 'x',
            "22 GNU.sparse.major=1\n28 GNU.sparse.name=real.pgm\n"
            "16 path=GNU.pgm\n");
    tar_put(file, "cut", '0', TAR_PICTURE("n"));
    tar_put(file, "whole.pgm", '0', TAR_PICTURE("w"));
    tar_end(file);
    assert_string_equal(names_of("sparse.tar"), "old.pgm real.pgm whole.pgm ");
    assert_int_equal(tar_read("sparse.tar", "old.pgm", &err), FORAY_ENOTSUP);
    assert_int_equal(tar_read("sparse.tar", "real.pgm", &err), FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "sparse"));
    assert_level("sparse.tar", "whole.pgm", 'w');
}

static void test_twice(void **state)
{
    FILE *file = tar_begin(test_path("twice.tar"));

    (void)state;
    tar_put(file, "a.pgm", '0', TAR_PICTURE("1"));
    tar_put(file, "b.pgm", '0', TAR_PICTURE("b"));
    tar_put(file, "a.pgm", '0', TAR_PICTURE("2"));
    tar_end(file);
    assert_string_equal(names_of("twice.tar"), "b.pgm a.pgm ");
    assert_level("twice.tar", "a.pgm", '2');
}

static void test_spelling(void **state)
{
    FILE *file = tar_begin(test_path("s.tar"));

    (void)state;
    tar_put(file, "a.pgm", '0', TAR_PICTURE("1"));
    tar_put(file, "x.tar:b.pgm", '0', TAR_PICTURE("2"));
    tar_put(file, "c.pgm", '0', TAR_PICTURE("3"));
    tar_end(file);
    assert_level("s.tar", "a.pgm", '1');
    assert_level("s.tar", "x.tar:b.pgm", '2');
    file = tar_begin(test_path("s.tar:c.pgm")); /* a file of the whole name */
    fputs(TAR_PICTURE("4"), file);
    fclose(file);
    assert_level("s.tar", "c.pgm", '4');
    /* A folder named as an archive is none. */
    assert_int_equal(mkdir(test_path("f.tar:d"), 0700), 0);
    assert_int_equal(rename(test_path("s.tar"), test_path("f.tar:d/S.TAR")), 0);
    assert_level("f.tar:d/S.TAR", "a.pgm", '1');
}

/* As many archives as are not remembered, in turn. */
static void test_many(void **state)
{
    size_t before = count_descriptors();
    char name[32], level[2] = "a";

    (void)state;
    for (int turn = 0; turn < 3; turn++)
        for (int i = 0; i < 20; i++) {
            snprintf(name, sizeof name, "many%d.tar", i);
            level[0] = (char)('A' + i + turn);
            if (turn != 1) {
                FILE *file = tar_begin(test_path("new.tar"));
                char text[32];

                snprintf(text, sizeof text, "P5 2 2 255\n%sbcd", level);
                if (turn)
                    tar_put(file, "first.pgm", '0', text);
                tar_put(file, "a.pgm", '0', text);
                tar_end(file);
                assert_int_equal(rename(test_path("new.tar"), test_path(name)),
                                 0);
            } else {
                level[0]--;
            }
            assert_level(name, "a.pgm", (uint8_t)level[0]);
        }
    assert_int_equal(count_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),  cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_sizes),    cmocka_unit_test(test_far),
        cmocka_unit_test(test_sparse),   cmocka_unit_test(test_twice),
        cmocka_unit_test(test_spelling), cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
