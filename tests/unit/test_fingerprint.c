/* What is known of a file before it is read, and whether it is that still: in
 * tar archives, too. */
#include "helpers.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <foray/hog_batch.h>
#include <foray/storage.h>

#include "image/fingerprint.h"
#include "tar_files.h"

static struct foray_error err;

/* Reading tells it, too, and leaves it alone if there is nothing to tell. */
static void test_note_stat(void **state)
{
    FILE *file = tar_begin(test_path("n.tar"));
    const char *path = test_path("n.tar:a.pgm");
    struct foray_image *image;
    uint64_t nbytes, noted_nbytes;
    int64_t changed, noted_changed;

    (void)state;
    tar_put(file, "a.pgm", '0', TAR_PICTURE("a"));
    tar_put_data(file, "words");
    tar_end(file);
    assert_ok(foray_image_stat(&nbytes, &changed, path, &err), err);
    assert_ok(foray_image_new(&image, &err), err);
    foray_image_note_stat(image, &noted_nbytes, &noted_changed);
    assert_ok(foray_image_read(image, path, NULL, &err), err);
    assert_int_equal(noted_nbytes, nbytes);
    assert_int_equal(noted_changed, changed);
    noted_nbytes = 7;
    assert_int_equal(
        foray_image_read(image, test_path("none.tar:a.pgm"), NULL, &err),
        FORAY_ENOENT);
    assert_int_equal(noted_nbytes, 7);
    assert_int_equal(foray_image_read(image, test_path("n.tar"), NULL, &err),
                     FORAY_EFORMAT);
    assert_int_equal(noted_nbytes, 2560);
    foray_image_note_stat(image, NULL, NULL);
    assert_ok(foray_image_read(image, path, NULL, &err), err);
    assert_int_equal(noted_nbytes, 2560);
    foray_image_free(image);
}

static void test_fingerprint(void **state)
{
    struct foray__fingerprint first, same, later, moved;
    FILE *file = tar_begin(test_path("p.tar"));
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    uint64_t nbytes;
    int64_t changed;

    (void)state;
    tar_put(file, "a.pgm", '0', TAR_PICTURE("a"));
    tar_put(file, "b.pgm", '0', TAR_PICTURE("b"));
    tar_end(file);
    foray__fingerprint_look(&first, tar_member("p.tar", "a.pgm"));
    foray__fingerprint_look(&same, tar_member("p.tar", "a.pgm"));
    assert_memory_equal(&first, &same, sizeof first);
    assert_int_equal(first.size, 15);
    foray__fingerprint_look(&moved, tar_member("p.tar", "b.pgm"));
    assert_int_equal(moved.changed, first.changed);
    assert_int_not_equal(moved.place, first.place);
    assert_ok(
        foray_image_stat(&nbytes, &changed, tar_member("p.tar", "a.pgm"), &err),
        err);
    assert_int_equal(nbytes, first.size);
    assert_int_equal(changed, first.changed);
    assert_ok(foray_image_stat(&nbytes, &changed, test_path("p.tar"), &err),
              err);
    assert_int_equal(nbytes, 3072);
    assert_int_equal(changed, first.changed);
    assert_int_equal(
        foray_image_stat(&nbytes, &changed, tar_member("p.tar", "c.pgm"), &err),
        FORAY_ENOENT);
    assert_int_equal(
        foray_image_stat(&nbytes, &changed, test_path("none"), &err),
        FORAY_ENOENT);
    assert_int_not_equal(moved.path, first.path);
    assert_int_equal(foray__fingerprint_read(tar_member("p.tar", "a.pgm")),
                     foray__fingerprint_content(TAR_PICTURE("a"), 15));
    assert_int_equal(utimensat(AT_FDCWD, test_path("p.tar"), times, 0), 0);
    foray__fingerprint_look(&later, tar_member("p.tar", "a.pgm"));
    assert_int_not_equal(later.changed, first.changed);
    assert_int_equal(foray__fingerprint_check(
                         &first, tar_member("p.tar", "a.pgm"), 0, false, &err),
                     FORAY_EINVAL);
    assert_ok(foray__fingerprint_check(&later, tar_member("p.tar", "a.pgm"), 0,
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
    FILE *file = tar_begin(test_path("run.tar"));
    struct stat st;

    (void)state;
    tar_put(file, "a.pgm", '0', TAR_PICTURE("a"));
    tar_put(file, "b.pgm", '0', TAR_PICTURE("b"));
    tar_put(file, "d/", '5', "");
    tar_end(file);
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
    file = tar_begin(test_path("run.tar"));
    tar_put(file, "d/", '5', "");
    tar_put(file, "a.pgm", '0', TAR_PICTURE("a"));
    tar_put(file, "b.pgm", '0', TAR_PICTURE("b"));
    tar_end(file);
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
        cmocka_unit_test(test_note_stat),
        cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_resume),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
