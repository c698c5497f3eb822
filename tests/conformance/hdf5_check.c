/* What hdf5.py asks of the library, a line each on standard input, its words
 * separated by tabs; answers "ok" or the error's sentence:
 *
 *     load FILE DATASET OUT.npy [SLAB]    and save what was loaded
 *     open FILE DATASET OUT.npy [SLAB]    the same, mapped if it can be
 *     list FILE                           answers name type shape layout ...
 *     save IN.npy FILE DATASET OPTION...  deflate=4 shuffle fletcher32
 *                                         extendable overwrite chunk=3x4
 *     create IN.npy FILE DATASET OPTION...  made, and then stored into
 *     append IN.npy FILE DATASET
 *     strings FILE DATASET                read, answered with "|" in between
 *     names FILE DATASET [OPTION] NAME... written
 *     attributes FILE OBJECT              read, answered
 *     tag FILE OBJECT                     some attributes written
 *
 * A slab is start:count:step of each axis, separated by commas.
 *
 *     hdf5_check [N_JOBS]    in a pool of so many workers; 0: without one
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/hdf5.h>
#include <foray/storage.h>

enum { MAX_WORDS = 12 };

/* Names of damaged files may be anything: they stay in one line. */
static void print_text(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' ? '?' : *text);
}

static int parse_slab(struct foray_hdf5_slab *slab, const char *text)
{
    memset(slab, 0, sizeof *slab);
    for (int k = 0; *text; k++) {
        int used;

        if (sscanf(text, "%zu:%zu:%zu%n", &slab->start[k], &slab->count[k],
                   &slab->step[k], &used) != 3)
            return -1;
        text += used + (text[used] == ',');
    }
    return 0;
}

static int load(struct foray_pool *pool, char **words, bool open,
                struct foray_error *err)
{
    struct foray_hdf5_slab slab, *given = words[4] ? &slab : NULL;
    struct foray_array x;
    int code;

    if (given && parse_slab(given, words[4]))
        exit(2);
    code = open ? foray_hdf5_open(&x, pool, words[1], words[2], "r", given, err)
                : foray_hdf5_load(&x, pool, words[1], words[2], given, err);
    if (code)
        return code;
    code = foray_array_save(&x, words[3], err);
    foray_array_close(&x, NULL);
    return code;
}

static int list(struct foray_pool *pool, const char *path,
                struct foray_error *err)
{
    struct foray_dataset_list all;
    int code = foray_hdf5_list(&all, pool, path, err);

    if (code)
        return code;
    for (size_t i = 0; i < all.n; i++) {
        const struct foray_dataset *x = &all.items[i];

        printf("%s", i ? "; " : "");
        print_text(x->name);
        printf("%s %s%s ndim %d", x->mappable ? " mappable" : "",
               x->swapped ? "swapped " : "", foray_dtype_name(x->dtype),
               x->ndim);
        for (int k = 0; k < x->ndim; k++)
            printf(" %zu", x->shape[k]);
        printf(" (%s)", x->layout);
    }
    printf("\n");
    foray_dataset_list_free(&all);
    return 0;
}

static struct foray_hdf5_options parse_options(char **words)
{
    struct foray_hdf5_options options = {0};

    for (; *words; words++) {
        const char *text = *words;

        if (sscanf(text, "deflate=%d", &options.deflate) == 1)
            continue;
        options.shuffle |= !strcmp(text, "shuffle");
        options.fletcher32 |= !strcmp(text, "fletcher32");
        options.extendable |= !strcmp(text, "extendable");
        options.overwrite |= !strcmp(text, "overwrite");
        if (strncmp(text, "chunk=", 6) != 0)
            continue;
        text += 6;
        for (int k = 0, used; *text; k++, text += used + (text[used] == 'x'))
            sscanf(text, "%zu%n", &options.chunk[k], &used);
    }
    return options;
}

static int create(struct foray_pool *pool, char **words,
                  const struct foray_array *x,
                  const struct foray_hdf5_options *options,
                  struct foray_error *err)
{
    struct foray_array made;
    int code = foray_hdf5_create(&made, pool, words[2], words[3], x->dtype,
                                 x->ndim, x->shape, options, err);

    if (code)
        return code;
    for (size_t i = 0; i < foray_array_nbytes(&made); i++)
        if (((char *)made.data)[i])
            exit(3); /* not zeroed */
    code = foray_array_copy(&made, x, err);
    foray_array_close(&made, NULL);
    return code;
}

static int save(struct foray_pool *pool, char **words, struct foray_error *err)
{
    struct foray_hdf5_options options = parse_options(words + 4);
    struct foray_array x;
    int code = foray_array_open(&x, words[1], "r", err);

    if (code)
        return code;
    code = *words[0] == 'c' ? create(pool, words, &x, &options, err)
           : *words[0] == 'a'
               ? foray_hdf5_append(pool, words[2], words[3], &x, err)
               : foray_hdf5_save(pool, words[2], words[3], &x, &options, err);
    foray_array_close(&x, NULL);
    return code;
}

static int strings(struct foray_pool *pool, char **words,
                   struct foray_error *err)
{
    struct foray_hdf5_strings all;
    int code = foray_hdf5_load_strings(&all, pool, words[1], words[2], err);

    if (code)
        return code;
    for (size_t i = 0; i < all.n; i++) {
        printf("%s", i ? "|" : "");
        print_text(all.items[i]);
    }
    printf("\n");
    foray_hdf5_strings_free(&all);
    return 0;
}

static int names(struct foray_pool *pool, char **words, struct foray_error *err)
{
    struct foray_hdf5_options options = parse_options(
        (char *[]){words[3] && *words[3] == 'o' ? words[3] : NULL, NULL});
    char **first = words + 3 + options.overwrite;
    size_t n = 0;

    while (first[n])
        n++;
    return foray_hdf5_save_strings(
        pool, words[1], words[2], (const char *const *)first, n, &options, err);
}

static int attributes(struct foray_pool *pool, char **words,
                      struct foray_error *err)
{
    struct foray_hdf5_attributes all;
    int code = foray_hdf5_read_attributes(&all, pool, words[1], words[2], err);

    if (code)
        return code;
    for (size_t i = 0; i < all.n; i++) {
        const struct foray_hdf5_attribute *x = &all.items[i];
        size_t n = 1;

        for (int k = 0; k < x->ndim; k++)
            n *= x->shape[k];
        printf("%s", i ? "; " : "");
        print_text(x->name);
        printf(" %s %d %zu:", foray_dtype_name(x->dtype), x->ndim, n);
        for (size_t k = 0; k < n; k++) {
            if (x->dtype == FORAY_OPAQUE) {
                putchar(' ');
                print_text(((char *const *)x->values)[k]);
            } else if (x->dtype == FORAY_F64)
                printf(" %g", ((const double *)x->values)[k]);
            else if (x->dtype == FORAY_I16)
                printf(" %d", ((const int16_t *)x->values)[k]);
        }
    }
    printf("\n");
    foray_hdf5_attributes_free(&all);
    return 0;
}

static int tag(struct foray_pool *pool, char **words, struct foray_error *err)
{
    const double scale = 0.5;
    const float matrix[2][3] = {{1, 2, 3}, {4, 5, 6}};
    const char *unit = "m\xc2\xb2", *axes[] = {"rows", "", "columns"};
    const bool truth = true;
    const struct foray_hdf5_attribute all[] = {
        {.name = "scale", .dtype = FORAY_F64, .values = &scale},
        {.name = "matrix",
         .dtype = FORAY_F32,
         .ndim = 2,
         .shape = {2, 3},
         .values = matrix},
        {.name = "unit", .values = &unit},
        {.name = "axes", .ndim = 1, .shape = {3}, .values = axes},
        {.name = "truth", .dtype = FORAY_BOOL, .values = &truth},
        {.name = "none", .dtype = FORAY_I32, .ndim = 1, .shape = {0}},
    };

    return foray_hdf5_write_attributes(pool, words[1], words[2], all, 6, err);
}

static bool answer(struct foray_pool *pool, char **words,
                   struct foray_error *err, int *code)
{
    if (!strcmp(words[0], "load") || !strcmp(words[0], "open"))
        *code = load(pool, words, *words[0] == 'o', err);
    else if (!strcmp(words[0], "save") || !strcmp(words[0], "create") ||
             !strcmp(words[0], "append"))
        *code = save(pool, words, err);
    else if (!strcmp(words[0], "list"))
        *code = list(pool, words[1], err);
    else if (!strcmp(words[0], "strings"))
        *code = strings(pool, words, err);
    else if (!strcmp(words[0], "names"))
        *code = names(pool, words, err);
    else if (!strcmp(words[0], "attributes"))
        *code = attributes(pool, words, err);
    else if (!strcmp(words[0], "tag"))
        *code = tag(pool, words, err);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct foray_config config = {.n_jobs = argc > 1 ? atoi(argv[1]) : 0};
    struct foray_pool *pool = NULL;
    struct foray_error err;
    char line[4096];

    if (config.n_jobs && foray_pool_open(&pool, &config, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        return EXIT_FAILURE;
    }
    while (fgets(line, sizeof line, stdin)) {
        char *words[MAX_WORDS + 1] = {NULL}, *rest = NULL;
        int n = 0, code = 0;

        for (char *word = strtok_r(line, "\t\n", &rest); word && n < MAX_WORDS;
             word = strtok_r(NULL, "\t\n", &rest))
            words[n++] = word;
        if (!n || !answer(pool, words, &err, &code))
            return 2;
        if (code) {
            printf("%s: ", foray_error_name(code));
            print_text(err.msg);
            printf("\n");
        } else if (strcmp(words[0], "list") != 0 &&
                   strcmp(words[0], "strings") != 0 &&
                   strcmp(words[0], "attributes") != 0)
            printf("ok\n");
        fflush(stdout);
    }
    foray_pool_close(pool);
    return EXIT_SUCCESS;
}
