#include "image_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "helpers.h"

const char *sample_path(const char *name)
{
    return data_path("image/%s", name);
}

uint8_t *sample_bytes(const char *name, size_t *nbytes)
{
    enum { MOST = 1 << 16 };
    FILE *in = fopen(sample_path(name), "rb");
    uint8_t *bytes = malloc(MOST);

    assert_non_null(in);
    assert_non_null(bytes);
    *nbytes = fread(bytes, 1, MOST, in);
    assert_in_range(*nbytes, 1, MOST - 1);
    fclose(in);
    return bytes;
}

uint8_t pgm_pixel(size_t seed, size_t i)
{
    return (uint8_t)((i * i + i * seed * 7 + seed * 31) % 251);
}

void write_pgm(const char *path, size_t rows, size_t cols, size_t seed)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fprintf(file, "P5\n%zu %zu\n255\n", cols, rows);
    for (size_t i = 0; i < rows * cols; i++)
        fputc(pgm_pixel(seed, i), file);
    assert_int_equal(fclose(file), 0);
}

int read_bytes(struct foray_image *image, const void *bytes, size_t nbytes,
               const struct foray_image_options *options,
               struct foray_error *err)
{
    const char *path = test_path("bytes");
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    /* Not O_TRUNC: ext4 would write each to the disk. */
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, nbytes), nbytes);
    assert_int_equal(ftruncate(fd, (off_t)nbytes), 0);
    close(fd);
    return foray_image_read(image, path, options, err);
}

void assert_pixels(const struct foray_image *image,
                   const struct foray_array *wanted)
{
    const struct foray_array *pixels = foray_image_pixels(image);

    assert_non_null(pixels);
    assert_int_equal(pixels->dtype, wanted->dtype);
    assert_int_equal(pixels->ndim, wanted->ndim);
    for (int k = 0; k < wanted->ndim; k++)
        assert_int_equal(pixels->shape[k], wanted->shape[k]);
    assert_true(foray_array_is_contiguous(pixels, FORAY_C_ORDER));
    assert_memory_equal(pixels->data, wanted->data, foray_array_nbytes(wanted));
}

void assert_sample(const char *file)
{
    struct foray_image_options options = {.color = FORAY_COLOR_ALL};
    struct foray_image *image;
    struct foray_array wanted;
    struct foray_error err;
    char name[64];

    snprintf(name, sizeof name, "%.*s.npy", (int)strcspn(file, "."), file);
    assert_ok(foray_array_open(&wanted, sample_path(name), "r", &err), err);
    assert_ok(foray_image_new(&image, &err), err);
    assert_ok(foray_image_read(image, sample_path(file), &options, &err), err);
    assert_pixels(image, &wanted);
    foray_image_free(image);
    assert_ok(foray_array_close(&wanted, &err), err);
}

void assert_header(const char *file, enum foray_image_format format,
                   int channels, int bits, bool alpha, int orientation)
{
    struct foray_image_info info;
    struct foray_error err;

    assert_ok(foray_image_info(&info, sample_path(file), &err), err);
    assert_int_equal(info.format, format);
    assert_int_equal(info.rows, 21);
    assert_int_equal(info.cols, 26);
    assert_int_equal(info.channels, channels);
    assert_int_equal(info.bits, bits);
    assert_int_equal(info.alpha, alpha);
    assert_int_equal(info.orientation, orientation);
}

void assert_cut(const char *file, size_t end)
{
    struct foray_image *image;
    struct foray_error err;
    size_t nbytes;
    uint8_t *bytes = sample_bytes(file, &nbytes);

    assert_ok(foray_image_new(&image, &err), err);
    for (size_t n = 0; n < nbytes - end; n++) {
        int code = read_bytes(image, bytes, n, NULL, &err);

        if (code != FORAY_ETRUNCATED)
            fail_msg("%s cut to %zu bytes: %d, %s", file, n, code,
                     code ? err.msg : "");
        assert_int_equal(err.code, code);
        assert_null(foray_image_pixels(image));
        assert_null(foray_image_last_info(image));
    }
    for (size_t n = nbytes - end; n <= nbytes; n++)
        assert_ok(read_bytes(image, bytes, n, NULL, &err), err);
    foray_image_free(image);
    free(bytes);
}

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void damage(uint8_t *bytes, size_t nbytes, uint32_t *state)
{
    uint32_t times = 1 + next_random(state) % 4;

    while (times--) {
        uint8_t *byte = bytes + next_random(state) % nbytes;

        if (next_random(state) % 2)
            *byte ^= (uint8_t)(1u << next_random(state) % 8);
        else
            *byte = (uint8_t)next_random(state);
    }
}

size_t count_damaged(const char *file, size_t times)
{
    struct foray_image_options options = {
        .color = FORAY_COLOR_ALL, .exif = true, .max_pixels = 1 << 20};
    struct foray_image *image;
    struct foray_error err;
    size_t nbytes, count = 0;
    uint8_t *whole = sample_bytes(file, &nbytes);
    uint8_t *bytes = malloc(nbytes);
    uint32_t state = 2463534242;

    assert_non_null(bytes);
    assert_ok(foray_image_new(&image, &err), err);
    for (size_t i = 0; i < times; i++) {
        int code;

        memcpy(bytes, whole, nbytes);
        damage(bytes, nbytes, &state);
        code = read_bytes(image, bytes, nbytes, &options, &err);
        if (code && code != FORAY_EFORMAT && code != FORAY_ETRUNCATED &&
            code != FORAY_ENOTSUP && code != FORAY_ETOOLARGE)
            fail_msg("%s damaged %zu times: %d, %s", file, i, code, err.msg);
        assert_true(!code == !!foray_image_pixels(image));
        count += code != 0;
    }
    foray_image_free(image);
    free(bytes);
    free(whole);
    return count;
}
