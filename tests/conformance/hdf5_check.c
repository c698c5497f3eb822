/* What hdf5.py asks of the library, a line each on standard input, its words
 * separated by tabs; answers "ok" or the error's sentence:
 *
 *     load FILE DATASET OUT.npy [SLAB]    and save what was loaded
 *     open FILE DATASET OUT.npy [SLAB]    the same, mapped if it can be
 *     list FILE                           answers name type shape layout ...
 *     save IN.npy FILE DATASET OPTION...  deflate=4 shuffle fletcher32
 *                                         extendable overwrite chunk=3x4
 *     append IN.npy FILE DATASET
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

        printf("%s%s%s %s%s ndim %d", i ? "; " : "", x->name,
               x->mappable ? " mappable" : "", x->swapped ? "swapped " : "",
               foray_dtype_name(x->dtype), x->ndim);
        for (int k = 0; k < x->ndim; k++)
            printf(" %zu", x->shape[k]);
        printf(" (%s)", x->layout);
    }
    printf("\n");
    foray_dataset_list_free(&all);
    return 0;
}

static bool answer(struct foray_pool *pool, char **words,
                   struct foray_error *err, int *code)
{
    if (!strcmp(words[0], "load") || !strcmp(words[0], "open"))
        *code = load(pool, words, *words[0] == 'o', err);
    else if (!strcmp(words[0], "list"))
        *code = list(pool, words[1], err);
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
        if (code)
            printf("%s: %s\n", foray_error_name(code), err.msg);
        else if (strcmp(words[0], "list"))
            printf("ok\n");
        fflush(stdout);
    }
    foray_pool_close(pool);
    return EXIT_SUCCESS;
}
