#include "tar_files.h"

#include <string.h>

#include <foray/image.h>

#include "helpers.h"

FILE *tar_begin(const char *path)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    return file;
}

void tar_put_header(FILE *file, const char *name, char kind, const void *digits)
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

void tar_put_data(FILE *file, const char *text)
{
    static const char zeros[512];
    size_t n = strlen(text);

    assert_int_equal(fwrite(text, 1, n, file), n);
    fwrite(zeros, 1, (512 - n % 512) % 512, file);
}

void tar_put(FILE *file, const char *name, char kind, const char *text)
{
    char digits[32];

    snprintf(digits, sizeof digits, "%011zo", strlen(text));
    tar_put_header(file, name, kind, digits);
    tar_put_data(file, text);
}

void tar_end(FILE *file)
{
    static const char zeros[1024];

    fwrite(zeros, 1, sizeof zeros, file);
    assert_int_equal(fclose(file), 0);
}

const char *tar_member(const char *archive, const char *name)
{
    static char path[1024];

    snprintf(path, sizeof path, "%s:%s", test_path(archive), name);
    return path;
}

/* `level`: of the first pixel, if there is one. */
static int read_level(uint8_t *level, const char *path, struct foray_error *err)
{
    struct foray_image *image = NULL;
    int code = foray_image_new(&image, err);

    if (!code)
        code = foray_image_read(image, path, NULL, err);
    if (!code)
        *level = *(uint8_t *)foray_image_pixels(image)->data;
    foray_image_free(image);
    return code;
}

int tar_read(const char *archive, const char *name, struct foray_error *err)
{
    uint8_t level;

    return read_level(&level, tar_member(archive, name), err);
}

void assert_level(const char *archive, const char *name, uint8_t level)
{
    const char *path = tar_member(archive, name);
    struct foray_image_info info;
    struct foray_error err;
    uint8_t first;

    assert_ok(foray_image_info(&info, path, &err), err);
    assert_int_equal(info.rows, 2);
    assert_ok(read_level(&first, path, &err), err);
    assert_int_equal(first, level);
}
