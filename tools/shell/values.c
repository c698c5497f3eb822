#include "shell/values.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <foray/dtype.h>
#include <foray/hog.h>
#include <foray/image.h>
#include <foray/machine.h>
#include <foray/pool.h>
#include <foray/size.h>

const char *value_flag(void *field, const char *text)
{
    (void)text;
    *(bool *)field = true;
    return NULL;
}

const char *value_text(void *field, const char *text)
{
    if (!*text)
        return "must not be empty";
    *(const char **)field = text;
    return NULL;
}

/* A number of digits only; *end is what follows. */
static bool read_digits(uint64_t *out, const char *text, char **end)
{
    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *out = strtoull(text, end, 10);
    return errno == 0;
}

const char *value_count(void *field, const char *text)
{
    uint64_t n;
    char *end;

    if (!read_digits(&n, text, &end) || *end || n < 1 || n > INT_MAX)
        return "must be a number, 1 or more";
    *(int *)field = (int)n;
    return NULL;
}

const char *value_jobs(void *field, const char *text)
{
    if (foray_n_jobs_parse(field, text, NULL))
        return "must be a number of workers, -1 (all CPUs), -2 (all but one) "
               "or a share of the CPUs such as 50%";
    return NULL;
}

const char *value_size(void *field, const char *text)
{
    uint64_t n;

    if (foray_size_parse(&n, text, NULL) || !n)
        return "must be a number, 1 or more, with K, M, G or T for powers of "
               "1024";
    *(uint64_t *)field = n;
    return NULL;
}

const char *value_extent(void *field, const char *text)
{
    uint64_t rows, cols;
    char *end;

    if (!read_digits(&rows, text, &end) ||
        tolower((unsigned char)*end) != 'x' ||
        !read_digits(&cols, end + 1, &end) || *end || rows < 1 || cols < 1 ||
        rows > INT_MAX || cols > INT_MAX)
        return "must be ROWSxCOLUMNS, such as 8x8";
    ((size_t *)field)[0] = rows;
    ((size_t *)field)[1] = cols;
    return NULL;
}

const char *value_floats(void *field, const char *text)
{
    enum foray_dtype dtype;
    bool swapped;

    if (foray_dtype_parse(&dtype, &swapped, text, NULL) || swapped ||
        (dtype != FORAY_F64 && dtype != FORAY_F32 && dtype != FORAY_F16))
        return "must be f64, f32 or f16";
    *(enum foray_dtype *)field = dtype;
    return NULL;
}

const char *value_method(void *field, const char *text)
{
    if (foray_hog_method_parse(field, text, NULL))
        return "must be skimage, dalal-triggs or uoctti";
    return NULL;
}

int value_word(const char *text, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(text, words[i]))
            return i;
    return -1;
}

const char *value_color(void *field, const char *text)
{
    static const char *const words[] = {"color", "all", "gray", "rgb2gray",
                                        NULL};
    static const enum foray_color colors[] = {FORAY_COLOR_DEFAULT,
                                              FORAY_COLOR_ALL, FORAY_COLOR_GRAY,
                                              FORAY_COLOR_RGB2GRAY};
    int i = value_word(text, words);

    if (i < 0)
        return "must be color, all, gray or rgb2gray";
    *(enum foray_color *)field = colors[i];
    return NULL;
}

const char *value_filter(void *field, const char *text)
{
    static const char *const words[] = {"bilinear", "box", "bicubic", "lanczos",
                                        NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be bilinear, box, bicubic or lanczos";
    *(enum foray_filter *)field = (enum foray_filter)i;
    return NULL;
}

const char *value_fit(void *field, const char *text)
{
    static const char *const words[] = {"stretch", "crop", "pad", NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be stretch, crop or pad";
    *(enum foray_fit *)field = (enum foray_fit)i;
    return NULL;
}

const char *value_jpeg_scale(void *field, const char *text)
{
    static const char *const words[] = {"1", "auto", NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be auto or 1";
    *(enum foray_jpeg_scale *)field = (enum foray_jpeg_scale)i;
    return NULL;
}

const char *value_on_error(void *field, const char *text)
{
    static const char *const words[] = {"stop", "skip", NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be stop or skip";
    *(enum foray_on_error *)field = i ? FORAY_SKIP : FORAY_STOP;
    return NULL;
}

const char *value_backend(void *field, const char *text)
{
    static const char *const words[] = {"fork", "threads", "serial", NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be fork, threads or serial";
    *(const char **)field = words[i];
    return NULL;
}

/* Digits and a point, as people write seconds: neither "inf" nor "0x10". */
const char *value_seconds(void *field, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    if (strspn(text, "0123456789.") != strlen(text) || *end ||
        !isfinite(seconds) || !(seconds > 0))
        return "must be a number of seconds above 0, such as 2.5";
    *(double *)field = seconds;
    return NULL;
}

/* 0 is said, so it counts against the environment, too. */
const char *value_retries(void *field, const char *text)
{
    uint64_t n;
    char *end;

    if (!read_digits(&n, text, &end) || *end || n > INT_MAX)
        return "must be a number, 0 or more";
    *(int *)field = n ? (int)n : FORAY_NO_RETRIES;
    return NULL;
}

const char *value_nice(void *field, const char *text)
{
    uint64_t n;
    char *end;

    if (!read_digits(&n, text, &end) || *end || n > 19)
        return "must be a number from 0 to 19";
    *(int *)field = (int)n;
    return NULL;
}
