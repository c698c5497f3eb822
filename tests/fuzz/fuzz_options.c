/* Any text as a word of a command line, or a value in it: no crash, no leak;
 * what is read lies within what its reader promises, and a refusal is a
 * sentence. The first byte says what the text is.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/machine.h>
#include <foray/pool.h>
#include <foray/size.h>

#include "array/extent.h"
#include "array/typestring.h"
#include "base/expression.h"
#include "base/number.h"
#include "data/slices.h"
#include "engine/config.h"
#include "kernels/map_run.h"
#include "shell/options.h"
#include "shell/values.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

/* A view lies in the array that it is of. */
static void apply(const struct slices *slices, int ndim)
{
    static const size_t shape[] = {5, 3, 1, 7};
    static char elements[5 * 3 * 7 * 8];
    struct foray_array whole, view;
    struct foray__extent inner, outer;
    struct foray_error err;

    if (foray_array_wrap(&whole, elements, FORAY_F64, ndim, shape, &err))
        abort();
    view = whole;
    if (slices_apply(&view, slices, "elements", &err)) {
        check_failure(err.code, &err);
        return;
    }
    inner = foray__extent_of(&view, -1);
    outer = foray__extent_of(&whole, -1);
    if (foray_array_nitems(&view) &&
        (inner.low < outer.low || inner.high > outer.high))
        abort();
}

static void check_slices(const char *text)
{
    const char *part = slices_begin(text);
    struct slices slices;

    if (!part || slices_parse(&slices, part))
        return;
    if (slices.n < 0 || slices.n > FORAY_MAX_NDIM + 1)
        abort();
    for (int ndim = 0; ndim <= 4; ndim++)
        apply(&slices, ndim);
}

static void check_size(const char *text)
{
    struct foray__number number;
    struct foray_error err;
    uint64_t nbytes;
    int code = foray_size_parse(&nbytes, text, &err);

    if (code)
        check_failure(code, &err);
    if (!foray__number(&number, text))
        return;
    if (!number.length || number.length > strlen(text) || isnan(number.value) ||
        number.value < 0)
        abort();
}

static void check_expression(const char *text)
{
    for (int n_jobs = 1; n_jobs <= 4096; n_jobs *= 8) {
        struct foray_error err;
        double value;
        int code = foray__expression(&value, text, n_jobs, &err);

        if (code)
            check_failure(code, &err);
        else if (!(fabs(value) <= 1e6))
            abort();
        code = foray__config_check_dispatch("pre_dispatch", text, n_jobs, &err);
        if (code)
            check_failure(code, &err);
    }
}

/* What has a name is read from it. */
static void check_dtype(const char *text)
{
    enum foray_dtype dtype, again;
    struct foray__typestring type, same;
    struct foray_error err;
    bool swapped;
    int code = foray_dtype_parse(&dtype, &swapped, text, &err);

    if (code)
        check_failure(code, &err);
    else if (foray_dtype_parse(&again, NULL, foray_dtype_name(dtype), &err) ||
             again != dtype)
        abort();
    if (foray__typestring_parse(&type, text, strlen(text)))
        return;
    if (!type.itemsize || type.itemsize > PTRDIFF_MAX ||
        foray__typestring_parse(&same, type.text, strlen(type.text)) ||
        same.dtype != type.dtype || same.swapped != type.swapped ||
        same.itemsize != type.itemsize || strcmp(same.text, type.text) != 0)
        abort();
}

static void check_jobs(const char *text)
{
    struct foray_error err;
    int n_jobs, code = foray_n_jobs_parse(&n_jobs, text, &err);

    if (code)
        check_failure(code, &err);
    else if (!n_jobs)
        abort();
}

static void check_output(const char *text)
{
    struct map_output out;
    const char *wrong = map_output_read(&out, text);

    if (!wrong && (!*out.path || out.ndim < -1 || out.ndim > FORAY_MAX_NDIM ||
                   out.dtype > FORAY_C128))
        abort();
    for (int k = 0; !wrong && k < out.ndim; k++)
        if (!out.rows[k] && out.shape[k] > PTRDIFF_MAX)
            abort();
    free(out.path);
}

/* Each reader of values of options, of those that leave their text alone. */
static void check_value(const char *text)
{
    size_t extent[2] = {1, 1};
    int count = 1, nice = 0, retries = 0;
    double seconds = 1;
    uint64_t size = 1;
    union {
        int number;
        const char *text;
        enum foray_dtype dtype;
    } other;

    value_count(&count, text);
    value_size(&size, text);
    value_extent(extent, text);
    value_seconds(&seconds, text);
    value_nice(&nice, text);
    value_retries(&retries, text);
    if (count < 1 || !size || !extent[0] || !extent[1] || extent[0] > INT_MAX ||
        extent[1] > INT_MAX || !(seconds > 0) || isinf(seconds) || nice < 0 ||
        nice > 19 || retries < FORAY_NO_RETRIES)
        abort();
    value_floats(&other, text);
    value_method(&other, text);
    value_color(&other, text);
    value_on_error(&other, text);
    value_backend(&other, text);
    value_text(&other, text);
}

/* Words of a command line, which lie on lines. Nobody reads what is printed. */
static void check_command_line(char *text)
{
    struct fields {
        bool flag;
        const char *text;
        int count;
        size_t extent[2];
        double seconds;
    } fields = {.flag = false};
    static const struct option_spec specs[] = {
        {"flag", 'f', NULL, value_flag, offsetof(struct fields, flag), ""},
        {"text", 't', "T", value_text, offsetof(struct fields, text), ""},
        {"count", 'c', "N", value_count, offsetof(struct fields, count), ""},
        {"extent", 0, "RxC", value_extent, offsetof(struct fields, extent), ""},
        {"seconds", 0, "S", value_seconds, offsetof(struct fields, seconds),
         ""},
        {NULL, 0, NULL, NULL, 0, NULL}};
    static const struct command command = {.usage = "", .description = ""};
    const struct option_table table = {"Options", specs, &fields};
    char name[] = "foray", *words[65] = {name}, *more;
    static FILE *nowhere;
    FILE *out = stdout, *err = stderr;
    int n = 1, first;

    if (!nowhere && !(nowhere = fopen("/dev/null", "w")))
        abort();
    for (char *line = strtok_r(text, "\n", &more); line && n < 64;
         line = strtok_r(NULL, "\n", &more))
        words[n++] = line;
    optind = 0; /* begins anew */
    stdout = stderr = nowhere;
    first = options_parse(&command, &table, 1, n, words);
    stdout = out;
    stderr = err;
    if (first < OPTIONS_WRONG || first > n || first == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    char *text;

    if (!nbytes)
        return 0;
    text = text_of(bytes, nbytes);
    switch (*bytes) {
    case 's':
        check_slices(text);
        break;
    case 'b':
        check_size(text);
        break;
    case 'e':
        check_expression(text);
        break;
    case 'd':
        check_dtype(text);
        break;
    case 'j':
        check_jobs(text);
        break;
    case 'o':
        check_output(text);
        break;
    case 'v':
        check_value(text);
        break;
    case 'w':
        check_command_line(text);
    }
    free(text);
    return 0;
}
