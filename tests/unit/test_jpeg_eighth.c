/* An eighth of a JPEG, against libjpeg's: the same pixels, of files as they are
 * and of damaged ones, and the same errors. */
#include "helpers.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* jpeglib.h needs stdio.h. */
#include <jpeglib.h>

#include "image/format.h"
#include "image/jpeg_eighth.h"

struct picture {
    unsigned rows, cols, across, down; /* samples of luma to one of chroma */
    bool gray, progressive, optimized;
    int quality, noise;
    unsigned interval; /* MCUs between restarts */
};

static const struct picture pictures[] = {
    {.rows = 64, .cols = 96, .across = 2, .down = 2, .quality = 90},
    {.rows = 63, .cols = 95, .across = 2, .down = 2, .quality = 100},
    {.rows = 1, .cols = 1, .across = 2, .down = 2, .quality = 50},
    {.rows = 41, .cols = 87, .across = 2, .down = 1, .quality = 30},
    {.rows = 87, .cols = 41, .across = 1, .down = 2, .quality = 95},
    {.rows = 50, .cols = 50, .across = 1, .down = 1, .quality = 5},
    {.rows = 33, .cols = 70, .across = 2, .down = 2, .gray = true},
    {.rows = 90, .cols = 90, .gray = true, .quality = 100, .interval = 3},
    {.rows = 90, .cols = 90, .across = 2, .down = 2, .interval = 1},
    {.rows = 48, .cols = 200, .across = 2, .down = 1, .interval = 7},
    {.rows = 80, .cols = 80, .across = 2, .down = 2, .optimized = true},
    /* More than a window of bits. */
    {.rows = 300,
     .cols = 300,
     .across = 2,
     .down = 2,
     .quality = 100,
     .noise = 255},
    {.rows = 200,
     .cols = 200,
     .across = 1,
     .down = 1,
     .quality = 100,
     .noise = 255,
     .optimized = true,
     .interval = 100},
};

static uint8_t sample_of(const struct picture *picture, unsigned y, unsigned x,
                         uint32_t *state)
{
    unsigned noise = picture->noise ? (unsigned)picture->noise : 20;

    *state = *state * 1664525 + 1013904223;
    return (uint8_t)((x / 9 + y / 11) % 2 * 90 + x / 3 +
                     (*state >> 16) % noise);
}

static void set_options(struct jpeg_compress_struct *encoder,
                        const struct picture *picture)
{
    encoder->image_height = picture->rows;
    encoder->image_width = picture->cols;
    encoder->input_components = picture->gray ? 1 : 3;
    encoder->in_color_space = picture->gray ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(encoder);
    jpeg_set_quality(encoder, picture->quality ? picture->quality : 75, TRUE);
    if (picture->across) {
        encoder->comp_info[0].h_samp_factor = (int)picture->across;
        encoder->comp_info[0].v_samp_factor = (int)picture->down;
    }
    encoder->optimize_coding = picture->optimized;
    encoder->restart_interval = picture->interval;
    if (picture->progressive)
        jpeg_simple_progression(encoder);
}

/* Owner: the caller, free(). */
static uint8_t *encode(unsigned long *nbytes, const struct picture *picture)
{
    struct jpeg_compress_struct encoder;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    uint32_t state = 1;
    JSAMPROW row;

    encoder.err = jpeg_std_error(&errors);
    jpeg_create_compress(&encoder);
    *nbytes = 0;
    jpeg_mem_dest(&encoder, &bytes, nbytes);
    set_options(&encoder, picture);
    row = malloc((size_t)3 * picture->cols);
    assert_non_null(row);
    jpeg_start_compress(&encoder, TRUE);
    for (unsigned y = 0; y < picture->rows; y++) {
        for (unsigned x = 0; x < 3 * picture->cols; x++)
            row[x] = sample_of(picture, y, x, &state);
        jpeg_write_scanlines(&encoder, &row, 1);
    }
    jpeg_finish_compress(&encoder);
    jpeg_destroy_compress(&encoder);
    free(row);
    return bytes;
}

/* An eighth of an image, or how that failed. */
struct outcome {
    int code;
    struct foray_error error;
    size_t nbytes;
    uint8_t *pixels;
};

static void wrap(struct foray_array *array, struct outcome *outcome,
                 const struct foray_image_info *info)
{
    size_t shape[3] = {(info->rows + 7) / 8, (info->cols + 7) / 8, 3};
    int ndim = info->channels > 1 ? 3 : 2;
    struct foray_error err;

    outcome->nbytes = shape[0] * shape[1] * (ndim == 3 ? 3 : 1);
    outcome->pixels = calloc(1, outcome->nbytes);
    assert_non_null(outcome->pixels);
    assert_ok(
        foray_array_wrap(array, outcome->pixels, FORAY_U8, ndim, shape, &err),
        err);
}

static void decode(struct outcome *out, const uint8_t *bytes, size_t nbytes,
                   const char *without)
{
    struct foray_image_info info = {0};
    struct foray__source source;
    struct foray_array array;

    memset(out, 0, sizeof *out);
    setenv("FORAY_TEST_NO", without, 1);
    foray__source_wrap(&source, bytes, nbytes, "a.jpg");
    source.may_end = false;
    out->code = foray__jpeg_header(&info, &source, &out->error);
    if (!out->code && info.rows * info.cols <= 1 << 18) {
        wrap(&array, out, &info);
        out->code = foray__jpeg_decode(&array, &source, &info, &out->error);
    }
    unsetenv("FORAY_TEST_NO");
}

/* Whether it was decoded. */
static bool assert_same(const uint8_t *bytes, size_t nbytes)
{
    struct outcome ours, theirs;

    decode(&ours, bytes, nbytes, "");
    decode(&theirs, bytes, nbytes, "jpeg_eighth");
    assert_int_equal(ours.code, theirs.code);
    assert_int_equal(ours.nbytes, theirs.nbytes);
    if (ours.code)
        assert_string_equal(ours.error.msg, theirs.error.msg);
    else if (ours.nbytes)
        assert_memory_equal(ours.pixels, theirs.pixels, ours.nbytes);
    free(ours.pixels);
    free(theirs.pixels);
    return !ours.code;
}

/* Whether it needs no libjpeg beyond the header. */
static bool is_ours(const uint8_t *bytes, size_t nbytes)
{
    struct foray_image_info info = {0};
    struct jpeg_decompress_struct decoder;
    struct jpeg_error_mgr errors;
    struct foray_array array;
    struct outcome outcome;
    bool done;

    decoder.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&decoder);
    jpeg_mem_src(&decoder, bytes, nbytes);
    jpeg_read_header(&decoder, TRUE);
    decoder.scale_num = 1;
    decoder.scale_denom = 8;
    info.rows = decoder.image_height;
    info.cols = decoder.image_width;
    info.channels = decoder.num_components;
    wrap(&array, &outcome, &info);
    done = foray__jpeg_eighth(&array, &decoder);
    jpeg_destroy_decompress(&decoder);
    free(outcome.pixels);
    return done;
}

static void test_pixels_are_libjpegs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        unsigned long nbytes;
        uint8_t *bytes = encode(&nbytes, &pictures[i]);

        assert_true(is_ours(bytes, nbytes));
        assert_true(assert_same(bytes, nbytes));
        free(bytes);
    }
}

static void test_others_are_left_to_libjpeg(void **state)
{
    static const struct picture others[] = {
        {.rows = 50, .cols = 50, .progressive = true},
        {.rows = 50, .cols = 50, .across = 4, .down = 1},
        {.rows = 50, .cols = 50, .across = 1, .down = 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        unsigned long nbytes;
        uint8_t *bytes = encode(&nbytes, &others[i]);

        assert_false(is_ours(bytes, nbytes));
        assert_true(assert_same(bytes, nbytes));
        free(bytes);
    }
}

static void test_cut_files_are_told_alike(void **state)
{
    unsigned long nbytes;
    uint8_t *bytes = encode(&nbytes, &pictures[8]);

    (void)state;
    for (size_t n = 4; n < nbytes; n += 3)
        assert_false(assert_same(bytes, n));
    free(bytes);
}

static uint32_t next_random(uint32_t *state)
{
    return *state = *state * 1664525 + 1013904223;
}

static void damage(uint8_t *bytes, size_t nbytes, uint32_t *state)
{
    for (uint32_t n = 1 + (next_random(state) >> 16) % 3; n; n--) {
        uint32_t at = next_random(state) >> 8, how = next_random(state) >> 16;

        /* Half of it in the header, where the tables are. */
        bytes[how & 1 ? at % nbytes : at % 640 % nbytes] ^=
            (uint8_t)(how & 2 ? 1U << (how >> 8) % 8 : how >> 8);
    }
}

static void test_damage_is_told_alike(void **state)
{
    enum { PICTURES = 11, TIMES = 120 };
    uint32_t random = 1;
    size_t decoded = 0;

    (void)state;
    for (size_t i = 0; i < PICTURES; i++) {
        unsigned long nbytes;
        uint8_t *bytes = encode(&nbytes, &pictures[i]), *copy = malloc(nbytes);

        assert_non_null(copy);
        for (int k = 0; k < TIMES; k++) {
            memcpy(copy, bytes, nbytes);
            damage(copy, nbytes, &random);
            decoded += assert_same(copy, nbytes);
        }
        free(copy);
        free(bytes);
    }
    assert_in_range(decoded, 100, PICTURES * TIMES - 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_are_libjpegs),
        cmocka_unit_test(test_others_are_left_to_libjpeg),
        cmocka_unit_test(test_cut_files_are_told_alike),
        cmocka_unit_test(test_damage_is_told_alike),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
