#include "helpers.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/hog_batch.h>
#include <foray/storage.h>

#include "image/fingerprint.h"

/* A picture of 4 pixels, the first of which is `level`. */
#define PICTURE(level) "P5 2 2 255\n" level "bcd"

static struct foray_image *image;
static struct foray_error err;

static int set_up(void **state)
{
    (void)state;
    return foray_image_new(&image, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    foray_image_free(image);
    return 0;
}

static FILE *begin(const char *path)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    return file;
}

/* A header of GNU tar's magic; a size of `digits`, octal or whatever. */
static void put_header(FILE *file, const char *name, char kind,
                       const void *digits)
{
    unsigned char header[512] = {0};
    unsigned sum = 0;

    memcpy(header, name, strlen(name) < 100 ? strlen(name) : 100);
    memcpy(header + 124, digits, 12);
    memcpy(header + 148, "        ", 8);
    header[156] = (unsigned char)kind;
    memcpy(header + 257, "ustar  ", 8);
    for (size_t i = 0; i < sizeof header; i++)
        sum += header[i];
    snprintf((char *)header + 148, 8, "%06o", sum);
    assert_int_equal(fwrite(header, 1, sizeof header, file), sizeof header);
}

static void put_data(FILE *file, const char *text)
{
    static const char zeros[512];
    size_t n = strlen(text);

    assert_int_equal(fwrite(text, 1, n, file), n);
    fwrite(zeros, 1, (512 - n % 512) % 512, file);
}

static void put(FILE *file, const char *name, char kind, const char *text)
{
    char digits[32];

    snprintf(digits, sizeof digits, "%011zo", strlen(text));
    put_header(file, name, kind, digits);
    put_data(file, text);
}

static void end(FILE *file)
{
    static const char zeros[1024];

    fwrite(zeros, 1, sizeof zeros, file);
    assert_int_equal(fclose(file), 0);
}

/* ARCHIVE:NAME in the test's folder. */
static const char *member(const char *archive, const char *name)
{
    static char path[1024];

    snprintf(path, sizeof path, "%s:%s", test_path(archive), name);
    return path;
}

static int read_member(const char *archive, const char *name)
{
    return foray_image_read(image, member(archive, name), NULL, &err);
}

static void assert_level(const char *archive, const char *name, uint8_t level)
{
    struct foray_image_info info;

    assert_ok(foray_image_info(&info, member(archive, name), &err), err);
    assert_int_equal(info.rows, 2);
    assert_ok(read_member(archive, name), err);
    assert_int_equal(*(uint8_t *)foray_image_pixels(image)->data, level);
}

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
    FILE *file = begin(test_path("a.tar"));

    (void)state;
    put(file, "z.pgm", '0', PICTURE("z"));
    put(file, "d/", '5', "");
    put(file, "d/a.pgm", '0', PICTURE("a"));
    put(file, "link.pgm", '1', "");
    put(file, "soft.pgm", '2', "");
    put(file, "device", '3', "");
    put(file, "pipe.pgm", '6', "");
    put(file, "notes.txt", '\0', "words");
    put(file, "old/", '\0', "");
    put(file, "other", 'M', PICTURE("m"));
    put(file, "seven.pgm", '7', PICTURE("7"));
    put(file, "empty.pgm", '0', "");
    end(file);
    assert_string_equal(names_of("a.tar"),
                        "z.pgm d/a.pgm notes.txt seven.pgm empty.pgm ");
    assert_level("a.tar", "z.pgm", 'z');
    assert_level("a.tar", "d/a.pgm", 'a');
    assert_level("a.tar", "seven.pgm", '7');
    assert_int_equal(read_member("a.tar", "empty.pgm"), FORAY_ETRUNCATED);
    assert_int_equal(read_member("a.tar", "notes.txt"), FORAY_ENOTSUP);
    assert_int_equal(read_member("a.tar", "link.pgm"), FORAY_ENOENT);
    assert_non_null(strstr(err.msg, "link.pgm: the archive"));
    assert_int_equal(read_member("a.tar", "./z.pgm"), FORAY_ENOENT);
    assert_int_equal(read_member("a.tar", ""), FORAY_ENOENT);
    assert_int_equal(read_member("b.tar", "z.pgm"), FORAY_ENOENT);
}

static void test_long_names(void **state)
{
    FILE *file = begin(test_path("long.tar"));

    (void)state;
    put(file, "././@LongLink", 'L', "long/name.pgm");
    put(file, "cut", '0', PICTURE("l"));
    put(file, "x", 'x', "16 path=pax.pgm\n20 comment=whatever\n");
    put(file, "cut", '0', PICTURE("p"));
    put(file, "link", 'K', "where");
    put(file, "y", 'x', "16 path=of-link\n");
    put(file, "link", '2', "");
    put(file, "plain.pgm", '0', PICTURE("q"));
    put(file, "g", 'g', "16 path=all.pgm\n");
    put(file, "cut", '0', PICTURE("g"));
    end(file);
    assert_string_equal(names_of("long.tar"),
                        "long/name.pgm pax.pgm plain.pgm all.pgm ");
    assert_level("long.tar", "long/name.pgm", 'l');
    assert_level("long.tar", "pax.pgm", 'p');
    assert_level("long.tar", "all.pgm", 'g');
}

static void test_sizes(void **state)
{
    static const char binary[12] = "\x80\0\0\0\0\0\0\0\0\0\0\x0f";
    FILE *file = begin(test_path("sizes.tar"));

    (void)state;
    put_header(file, "binary.pgm", '0', binary);
    put_data(file, PICTURE("b"));
    put(file, "x", 'x', "11 size=15\n");
    put_header(file, "pax.pgm", '0', "00000000000");
    put_data(file, PICTURE("p"));
    put_header(file, "blank.pgm", '0', "         17 ");
    put_data(file, PICTURE("s"));
    end(file);
    assert_level("sizes.tar", "binary.pgm", 'b');
    assert_level("sizes.tar", "pax.pgm", 'p');
    assert_level("sizes.tar", "blank.pgm", 's');
}

/* An archive of 9 GiB, most of which is not there. */
static void test_far(void **state)
{
    static const char size[12] = "\x80\0\0\0\0\0\0\2\x40\0\0\0";
    FILE *file = begin(test_path("far.tar"));

    (void)state;
    put(file, "first.pgm", '0', PICTURE("f"));
    put_header(file, "large", '0', size);
    assert_int_equal(fseeko(file, (off_t)9 << 30, SEEK_CUR), 0);
    put(file, "last.pgm", '0', PICTURE("l"));
    end(file);
    assert_string_equal(names_of("far.tar"), "first.pgm large last.pgm ");
    assert_level("far.tar", "last.pgm", 'l');
    assert_level("far.tar", "first.pgm", 'f');
    unlink(test_path("far.tar"));
}

static void test_sparse(void **state)
{
    FILE *file = begin(test_path("sparse.tar"));

    (void)state;
    put(file, "old.pgm", 'S', PICTURE("o"));
    put(file, "x", 'x',
        "22 GNU.sparse.major=1\n28 GNU.sparse.name=real.pgm\n"
        "16 path=GNU.pgm\n");
    put(file, "cut", '0', PICTURE("n"));
    put(file, "whole.pgm", '0', PICTURE("w"));
    end(file);
    assert_string_equal(names_of("sparse.tar"), "old.pgm real.pgm whole.pgm ");
    assert_int_equal(read_member("sparse.tar", "old.pgm"), FORAY_ENOTSUP);
    assert_int_equal(read_member("sparse.tar", "real.pgm"), FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "sparse"));
    assert_level("sparse.tar", "whole.pgm", 'w');
}

static void test_twice(void **state)
{
    FILE *file = begin(test_path("twice.tar"));

    (void)state;
    put(file, "a.pgm", '0', PICTURE("1"));
    put(file, "b.pgm", '0', PICTURE("b"));
    put(file, "a.pgm", '0', PICTURE("2"));
    end(file);
    assert_string_equal(names_of("twice.tar"), "b.pgm a.pgm ");
    assert_level("twice.tar", "a.pgm", '2');
}

/* A picture that is cut has none of the next one's bytes. */
static void test_cut_member(void **state)
{
    FILE *file = begin(test_path("cut.tar"));

    (void)state;
    put(file, "header.pgm", '0', "P5 2 2");
    put(file, "pixels.pgm", '0', "P5 2 2 255\nab");
    put(file, "whole.pgm", '0', PICTURE("w"));
    end(file);
    assert_int_equal(read_member("cut.tar", "header.pgm"), FORAY_ETRUNCATED);
    assert_int_equal(read_member("cut.tar", "pixels.pgm"), FORAY_ETRUNCATED);
    assert_level("cut.tar", "whole.pgm", 'w');
}

static void test_cut_archive(void **state)
{
    const char *path = test_path("short.tar");
    FILE *file = begin(path);
    struct foray_image_members members;

    (void)state;
    put(file, "name", 'L', "a.pgm");
    put(file, "cut", '0', PICTURE("a"));
    put(file, "b.pgm", '0', PICTURE("b"));
    end(file);
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
    FILE *file = begin(path);

    put(file, "a.pgm", '0', PICTURE("a"));
    put(file, "b.pgm", '0', PICTURE("b"));
    fseek(file, 1024 + 110, SEEK_SET);
    fputc('7', file);
    fseek(file, 0, SEEK_END);
    end(file);
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
    assert_int_equal(read_member("damaged.tar", "b.pgm"), FORAY_EFORMAT);
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
    FILE *file = begin(path);

    (void)state;
    put(file, "P5 1 1 255.pgm", '0', PICTURE("a"));
    end(file);
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
    FILE *file = begin(test_path("c.tar.gz"));

    (void)state;
    fputs("\x1f\x8b\x08", file);
    end(file);
    assert_int_equal(foray_image_members(&members, test_path("c.tar.gz"), &err),
                     FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "compressed (gzip)"));
    file = begin(test_path("words.tar"));
    put_data(file, "words");
    end(file);
    assert_int_equal(
        foray_image_members(&members, test_path("words.tar"), &err),
        FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "is no tar archive"));
    file = begin(test_path("named"));
    end(file);
    assert_int_equal(foray_image_members(&members, test_path("named"), &err),
                     FORAY_EINVAL);
    assert_int_equal(foray_image_members(&members, test_folder(), NULL),
                     FORAY_ENOTSUP);
    assert_int_equal(foray_image_members(&members, test_path("none.tar"), &err),
                     FORAY_ENOENT);
    assert_int_equal(mkfifo(test_path("fifo.tar"), 0600), 0);
    assert_int_equal(foray_image_members(&members, test_path("fifo.tar"), &err),
                     FORAY_ENOTSUP);
    assert_int_equal(read_member("fifo.tar", "a.pgm"), FORAY_ENOENT);
}

static void test_spelling(void **state)
{
    FILE *file = begin(test_path("s.tar"));

    (void)state;
    put(file, "a.pgm", '0', PICTURE("1"));
    put(file, "x.tar:b.pgm", '0', PICTURE("2"));
    put(file, "c.pgm", '0', PICTURE("3"));
    end(file);
    assert_level("s.tar", "a.pgm", '1');
    assert_level("s.tar", "x.tar:b.pgm", '2');
    file = begin(test_path("s.tar:c.pgm")); /* a file of the whole name */
    fputs(PICTURE("4"), file);
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
                FILE *file = begin(test_path("new.tar"));
                char text[32];

                snprintf(text, sizeof text, "P5 2 2 255\n%sbcd", level);
                if (turn)
                    put(file, "first.pgm", '0', text);
                put(file, "a.pgm", '0', text);
                end(file);
                assert_int_equal(rename(test_path("new.tar"), test_path(name)),
                                 0);
            } else {
                level[0]--;
            }
            assert_level(name, "a.pgm", (uint8_t)level[0]);
        }
    assert_int_equal(count_descriptors(), before);
}

/* Reading tells it, too, and leaves it alone if there is nothing to tell. */
static void test_note_stat(void **state)
{
    FILE *file = begin(test_path("n.tar"));
    uint64_t nbytes, noted_nbytes;
    int64_t changed, noted_changed;

    (void)state;
    put(file, "a.pgm", '0', PICTURE("a"));
    put_data(file, "words");
    end(file);
    assert_ok(
        foray_image_stat(&nbytes, &changed, member("n.tar", "a.pgm"), &err),
        err);
    foray_image_note_stat(image, &noted_nbytes, &noted_changed);
    assert_level("n.tar", "a.pgm", 'a');
    assert_int_equal(noted_nbytes, nbytes);
    assert_int_equal(noted_changed, changed);
    noted_nbytes = 7;
    assert_int_equal(read_member("none.tar", "a.pgm"), FORAY_ENOENT);
    assert_int_equal(noted_nbytes, 7);
    assert_int_equal(foray_image_read(image, test_path("n.tar"), NULL, &err),
                     FORAY_EFORMAT);
    assert_int_equal(noted_nbytes, 2560);
    foray_image_note_stat(image, NULL, NULL);
    assert_level("n.tar", "a.pgm", 'a');
    assert_int_equal(noted_nbytes, 2560);
}

static void test_fingerprint(void **state)
{
    struct foray__fingerprint first, same, later, moved;
    FILE *file = begin(test_path("p.tar"));
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    uint64_t nbytes;
    int64_t changed;

    (void)state;
    put(file, "a.pgm", '0', PICTURE("a"));
    put(file, "b.pgm", '0', PICTURE("b"));
    end(file);
    foray__fingerprint_look(&first, member("p.tar", "a.pgm"));
    foray__fingerprint_look(&same, member("p.tar", "a.pgm"));
    assert_memory_equal(&first, &same, sizeof first);
    assert_int_equal(first.size, 15);
    foray__fingerprint_look(&moved, member("p.tar", "b.pgm"));
    assert_int_equal(moved.changed, first.changed);
    assert_int_not_equal(moved.place, first.place);
    assert_ok(
        foray_image_stat(&nbytes, &changed, member("p.tar", "a.pgm"), &err),
        err);
    assert_int_equal(nbytes, first.size);
    assert_int_equal(changed, first.changed);
    assert_ok(foray_image_stat(&nbytes, &changed, test_path("p.tar"), &err),
              err);
    assert_int_equal(nbytes, 3072);
    assert_int_equal(changed, first.changed);
    assert_int_equal(
        foray_image_stat(&nbytes, &changed, member("p.tar", "c.pgm"), &err),
        FORAY_ENOENT);
    assert_int_equal(
        foray_image_stat(&nbytes, &changed, test_path("none"), &err),
        FORAY_ENOENT);
    assert_int_not_equal(moved.path, first.path);
    assert_int_equal(foray__fingerprint_read(member("p.tar", "a.pgm")),
                     foray__fingerprint_content(PICTURE("a"), 15));
    assert_int_equal(utimensat(AT_FDCWD, test_path("p.tar"), times, 0), 0);
    foray__fingerprint_look(&later, member("p.tar", "a.pgm"));
    assert_int_not_equal(later.changed, first.changed);
    assert_int_equal(foray__fingerprint_check(&first, member("p.tar", "a.pgm"),
                                              0, false, &err),
                     FORAY_EINVAL);
    assert_ok(foray__fingerprint_check(&later, member("p.tar", "a.pgm"), 0,
                                       true, &err),
              err);
}

/* A run over an archive, that goes on with what the one before left. */
static int run_batch(struct foray_report *report, bool verify)
{
    struct foray_placement place = {.partial = true, .resumable = true};
    struct foray_image_members members;
    struct foray_hog_batch batch = {
        .hog = {.cell_rows = 1,
                .cell_cols = 1,
                .block_rows = 1,
                .block_cols = 1},
        .journal = test_path("run.journal"),
        .verify = verify,
    };
    struct foray_array features = {0};
    struct foray_pool *pool = NULL;
    struct foray_hog_plan plan;
    int code = foray_image_members(&members, test_path("run.tar"), &err);

    batch.paths = (const char *const *)members.paths;
    batch.n = members.n;
    if (!code)
        code = foray_hog_batch_plan(&plan, &batch, &err);
    if (!code)
        code = foray_array_create_at(
            &features, test_path("run.npy"), plan.dtype, 2,
            (size_t[]){plan.n, plan.length}, &place, &err);
    if (!code)
        code = foray_pool_open(
            &pool, &(struct foray_config){.backend = "serial"}, &err);
    if (!code)
        code = foray_hog_batch_run(pool, &batch, &plan, &features, NULL, report,
                                   &err);
    foray_pool_close(pool);
    foray_array_close(&features, NULL);
    foray_image_members_free(&members);
    return code;
}

static void test_resume(void **state)
{
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    struct foray_report report;
    FILE *file = begin(test_path("run.tar"));
    struct stat st;

    (void)state;
    put(file, "a.pgm", '0', PICTURE("a"));
    put(file, "b.pgm", '0', PICTURE("b"));
    put(file, "d/", '5', "");
    end(file);
    assert_ok(run_batch(&report, false), err);
    assert_int_equal(report.resumed, 0);
    assert_ok(run_batch(&report, true), err);
    assert_int_equal(report.resumed, 2);

    assert_int_equal(stat(test_path("run.tar"), &st), 0);
    assert_int_equal(utimensat(AT_FDCWD, test_path("run.tar"), times, 0), 0);
    assert_int_equal(run_batch(&report, false), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "run.tar:a.pgm was changed"));
    /* As large and as old, but all in another place; clocks tick. */
    nap(0.05);
    file = begin(test_path("run.tar"));
    put(file, "d/", '5', "");
    put(file, "a.pgm", '0', PICTURE("a"));
    put(file, "b.pgm", '0', PICTURE("b"));
    end(file);
    times[1] = st.st_mtim;
    assert_int_equal(utimensat(AT_FDCWD, test_path("run.tar"), times, 0), 0);
    assert_int_equal(run_batch(&report, false), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "another place of its archive"));
    assert_int_equal(foray_journal_discard(test_path("run.journal"), NULL), 0);
    assert_int_equal(foray_array_discard(test_path("run.npy"), NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_far),
        cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_cut_member),
        cmocka_unit_test(test_cut_archive),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_before_damage),
        cmocka_unit_test(test_archive_as_image),
        cmocka_unit_test(test_no_archive),
        cmocka_unit_test(test_spelling),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_note_stat),
        cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_resume),
    };

    test_init();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
