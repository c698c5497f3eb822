#include "shell/command.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/stats.h>
#include <foray/storage.h>

#include "data/dataset.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/parallel.h"
#include "shell/values.h"

struct stats_command {
    struct parallel parallel;
    const char *axis; /* NULL: none */
    bool json;
};

static const struct option_spec stats_options[] = {
    {"axis", 'a', "N", value_text, offsetof(struct stats_command, axis),
     "along this axis, for each position of the others"},
    {"json", 0, NULL, value_flag, offsetof(struct stats_command, json),
     "an object"},
    {0}};

/* Numbers as they are found in a struct: f64, or exact integers. */
struct number {
    const char *name;
    size_t value; /* offset of a double */
    size_t exact; /* offset of a struct foray_wide; 0: there is none */
};

static const struct number numbers[] = {
    {"min", offsetof(struct foray_stats, min),
     offsetof(struct foray_stats, least)},
    {"max", offsetof(struct foray_stats, max),
     offsetof(struct foray_stats, greatest)},
    {"mean", offsetof(struct foray_stats, mean), 0},
    {"std", offsetof(struct foray_stats, std), 0},
    {"sum", offsetof(struct foray_stats, sum),
     offsetof(struct foray_stats, total)},
};

enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

/* The shortest digits that mean the same double. */
static void print_double(double x)
{
    char text[32];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    fputs(text, stdout);
}

static bool is_none(const struct foray_stats *stats)
{
    return stats->count == stats->nans;
}

/* `none` is what stands for a number that there is not; `quote` goes around an
 * infinity. */
static void print_number(const struct foray_stats *stats,
                         const struct number *number, const char *none,
                         const char *quote)
{
    char text[FORAY_WIDE_SIZE];
    struct foray_wide wide;
    double x;

    memcpy(&x, (const char *)stats + number->value, sizeof x);
    memcpy(&wide, (const char *)stats + number->exact, sizeof wide);
    if (is_none(stats) || isnan(x))
        fputs(none, stdout);
    else if (stats->is_integer && number->exact)
        fputs(foray_wide_text(text, wide), stdout);
    else if (isinf(x))
        printf("%s%s%s", quote, x < 0 ? "-inf" : "inf", quote);
    else
        print_double(x);
}

static void print_json_number(const struct foray_stats *stats,
                              const void *number)
{
    print_number(stats, number, "null", "\"");
}

/* `field`: where it is in the struct. */
static void print_json_count(const struct foray_stats *stats, const void *field)
{
    uint64_t count;

    memcpy(&count, (const char *)stats + *(const size_t *)field, sizeof count);
    printf("%llu", (unsigned long long)count);
}

/* Something of each of n structs: as it is, or in nested lists of the kept
 * axes. */
static void print_list(const struct foray_stats *stats, const size_t *shape,
                       int ndim,
                       void (*print)(const struct foray_stats *, const void *),
                       const void *arg)
{
    size_t each = 1;

    if (!ndim) {
        print(stats, arg);
        return;
    }
    for (int k = 1; k < ndim; k++)
        each *= shape[k];
    putchar('[');
    for (size_t i = 0; i < shape[0]; i++) {
        if (i)
            fputs(", ", stdout);
        print_list(stats + i * each, shape + 1, ndim - 1, print, arg);
    }
    putchar(']');
}

static void print_json(const struct foray_stats *stats, const size_t *shape,
                       int ndim)
{
    const size_t count = offsetof(struct foray_stats, count);
    const size_t nans = offsetof(struct foray_stats, nans);

    fputs("{\"count\": ", stdout);
    print_list(stats, shape, ndim, print_json_count, &count);
    fputs(", \"nans\": ", stdout);
    print_list(stats, shape, ndim, print_json_count, &nans);
    for (int k = 0; k < N_NUMBERS; k++) {
        printf(", \"%s\": ", numbers[k].name);
        print_list(stats, shape, ndim, print_json_number, &numbers[k]);
    }
    puts("}");
}

static void print_text(const struct foray_stats *stats)
{
    printf("count  %llu\nnans   %llu\n", (unsigned long long)stats->count,
           (unsigned long long)stats->nans);
    for (int k = 0; k < N_NUMBERS; k++) {
        printf("%-5s  ", numbers[k].name);
        print_number(stats, &numbers[k], "-", "");
        putchar('\n');
    }
}

/* A line for each position of the kept axes: its indices, then the numbers. */
static void print_table(const struct foray_stats *stats, const size_t *shape,
                        int ndim, size_t n)
{
    size_t at[FORAY_MAX_NDIM] = {0};

    fputs("#index\tcount\tnans\tmin\tmax\tmean\tstd\tsum\n", stdout);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < ndim; k++)
            printf("%s%zu", k ? "," : "", at[k]);
        printf("\t%llu\t%llu", (unsigned long long)stats[i].count,
               (unsigned long long)stats[i].nans);
        for (int k = 0; k < N_NUMBERS; k++) {
            putchar('\t');
            print_number(&stats[i], &numbers[k], "-", "");
        }
        putchar('\n');
        for (int k = ndim - 1; k >= 0 && ++at[k] == shape[k]; k--)
            at[k] = 0;
    }
}

static int run_whole(const struct stats_command *c,
                     const struct foray_array *array, struct foray_pool *pool,
                     struct foray_error *err)
{
    struct foray_stats stats;
    int code = foray_array_stats(&stats, pool, array, err);

    if (!code && c->json)
        print_json(&stats, NULL, 0);
    else if (!code)
        print_text(&stats);
    return code;
}

static int run_along(const struct stats_command *c,
                     const struct foray_array *array, int axis,
                     struct foray_pool *pool, struct foray_error *err)
{
    struct foray_stats *stats;
    size_t shape[FORAY_MAX_NDIM], n = 1;
    int ndim = 0, code, gone = axis < 0 ? axis + array->ndim : axis;

    for (int k = 0; k < array->ndim; k++)
        if (k != gone)
            n *= shape[ndim++] = array->shape[k];
    stats = calloc(n + 1, sizeof *stats);
    if (!stats)
        return message_error(err, FORAY_ENOMEM, "no memory for %zu positions",
                             n);
    code = foray_array_stats_along(stats, pool, array, axis, err);
    if (!code && c->json)
        print_json(stats, shape, ndim);
    else if (!code)
        print_table(stats, shape, ndim, n);
    free(stats);
    return code;
}

static bool read_axis(int *axis, const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);

    *axis = (int)value;
    return *text && !*end && value > -FORAY_MAX_NDIM - 1 &&
           value < FORAY_MAX_NDIM;
}

/* What would be read, by how many. */
static int say(const struct stats_command *c, const struct foray_array *array,
               struct foray_error *err)
{
    char bytes[MESSAGE_BYTES_SIZE];
    int n_jobs = parallel_n_jobs(&c->parallel, 0, err);

    if (n_jobs < 0)
        return n_jobs;
    fputs("shape   ", stdout);
    message_shape(stdout, array->shape, array->ndim, false);
    printf("\ndtype   %s\nbytes   %zu (%s)\njobs    %d\n",
           foray_dtype_name(array->dtype), foray_array_nbytes(array),
           message_bytes(bytes, foray_array_nbytes(array)), n_jobs);
    return 0;
}

static int run(struct stats_command *c, const struct dataset *dataset, int axis)
{
    struct foray_array array = {0};
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};
    int code = 0;

    if (!c->parallel.dry_run)
        code = parallel_open(&pool, &c->parallel, 0, &err);
    if (!code)
        code = dataset_open(&array, dataset, pool, "r", &err);
    if (!code && c->parallel.dry_run)
        code = say(c, &array, &err);
    else if (!code)
        code = parallel_whole(&err);
    if (!code && !c->parallel.dry_run)
        code = c->axis ? run_along(c, &array, axis, pool, &err)
                       : run_whole(c, &array, pool, &err);
    if (code)
        message("%s", err.msg);
    parallel_close(pool);
    foray_array_close(&array, NULL);
    return code ? STATUS_FAILED : STATUS_DONE;
}

int cmd_stats(const struct command *command, int argc, char **argv)
{
    struct stats_command c = {0};
    const struct option_table tables[] = {
        {"Options", stats_options, &c},
        {"Parallel options", parallel_options, &c.parallel}};
    struct dataset dataset;
    int i = options_parse(command, tables, 2, argc, argv), axis = 0, status;

    if (i < 0)
        return i == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    if (argc - i != 1)
        return options_wrong("name one array");
    if (c.axis && !read_axis(&axis, c.axis))
        return options_wrong("--axis must be a number from -32 to 31, not %s",
                             c.axis);
    status = parallel_check(&c.parallel);
    if (status == STATUS_DONE)
        status = dataset_find(&dataset, argv[i]);
    if (status != STATUS_DONE)
        return status;
    status = run(&c, &dataset, axis);
    dataset_free(&dataset);
    return status;
}
