/* What npz.py and joblib_files.py ask of the library, a question a line, its
 * parts between tabs; FORMAT is "npz" or "joblib":
 *
 *     FORMAT list PATH              the arrays, a line each
 *     FORMAT open MODE PATH NAME OUT   one of them, saved as OUT.npy; MODE is
 * r, r+, c, or "load"; in mode r+ its first byte is turned over afterwards
 *     FORMAT save HOW PATH [NAME=]IN...   .npy files into one of the format;
 * HOW is "", "LEVEL", "COMPRESSOR" or "COMPRESSOR LEVEL" FORMAT verify PATH
 *
 * Each answer ends with a line "ok" or "failed: CODE: why".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/joblib.h>
#include <foray/npz.h>
#include <foray/storage.h>

enum { MOST_PARTS = 300 };

struct question {
    char *parts[MOST_PARTS];
    int n;
};

static int is_npz(const struct question *q)
{
    return !strcmp(q->parts[0], "npz");
}

static int list(const struct question *q, struct foray_error *err)
{
    struct foray_dataset_list found;
    int code = is_npz(q) ? foray_npz_list(&found, q->parts[2], err)
                         : foray_joblib_list(&found, q->parts[2], err);

    if (code)
        return code;
    for (size_t i = 0; i < found.n; i++) {
        const struct foray_dataset *d = &found.items[i];

        printf("%s|%s|%c|%zu|", d->name ? d->name : "", d->descr,
               d->fortran_order ? 'F' : 'C', d->itemsize);
        for (int k = 0; k < d->ndim; k++)
            printf("%zu ", d->shape[k]);
        printf("|%d|%llu|%llu|%s\n", d->mappable, (unsigned long long)d->offset,
               (unsigned long long)d->nbytes, d->layout);
    }
    foray_dataset_list_free(&found);
    return 0;
}

static int open_one(struct foray_array *x, const struct question *q,
                    struct foray_error *err)
{
    const char *mode = q->parts[2], *path = q->parts[3];
    const char *name = *q->parts[4] ? q->parts[4] : NULL;

    if (!strcmp(mode, "load"))
        return is_npz(q) ? foray_npz_load(x, path, name, err)
                         : foray_joblib_load(x, path, name, err);
    return is_npz(q) ? foray_npz_open(x, path, name, mode, err)
                     : foray_joblib_open(x, path, name, mode, err);
}

static int get(const struct question *q, struct foray_error *err)
{
    struct foray_array x = {0};
    int code = open_one(&x, q, err), closed;

    if (code)
        return code;
    code = foray_array_save(&x, q->parts[5], err);
    if (!code && !strcmp(q->parts[2], "r+"))
        *(unsigned char *)x.data ^= 0xFF;
    closed = foray_array_close(&x, code ? NULL : err);
    return code ? code : closed;
}

/* HOW is cut in two. */
static int write_all(const struct question *q, char *how,
                     const struct foray_named_array *arrays, size_t n,
                     struct foray_error *err)
{
    struct foray_joblib_options joblib = {.compress = *how ? how : NULL};
    struct foray_npz_options npz = {.deflate = atoi(how)};
    char *blank = strchr(how, ' ');

    if (blank) {
        *blank = '\0';
        joblib.level = atoi(blank + 1);
    }
    return is_npz(q) ? foray_npz_save(q->parts[3], arrays, n, &npz, err)
                     : foray_joblib_save(q->parts[3], arrays, n, &joblib, err);
}

static int save(const struct question *q, struct foray_error *err)
{
    static struct foray_array arrays[MOST_PARTS];
    static struct foray_named_array named[MOST_PARTS];
    size_t n = 0;
    int code = 0;

    for (int k = 4; k < q->n && !code; k++) {
        char *equals = strrchr(q->parts[k], '=');

        if (equals)
            *equals = '\0';
        named[n].name = equals ? q->parts[k] : NULL;
        named[n].array = &arrays[n];
        code = foray_array_open(&arrays[n], equals ? equals + 1 : q->parts[k],
                                "r", err);
        n += !code;
    }
    if (!code)
        code = write_all(q, q->parts[2], named, n, err);
    while (n--)
        foray_array_close(&arrays[n], NULL);
    return code;
}

static int answer(const struct question *q, struct foray_error *err)
{
    const char *verb = q->parts[1];

    if (!strcmp(verb, "list") && q->n == 3)
        return list(q, err);
    if (!strcmp(verb, "open") && q->n == 6)
        return get(q, err);
    if (!strcmp(verb, "save") && q->n > 3)
        return save(q, err);
    if (!strcmp(verb, "verify") && q->n == 3)
        return foray_npz_verify(q->parts[2], NULL, err);
    fprintf(stderr, "files_check: no such question: %s\n", verb);
    exit(99);
}

int main(void)
{
    struct question q;
    struct foray_error err;
    size_t room = 0;
    char *line = NULL;

    while (getline(&line, &room, stdin) > 0) {
        char *rest = line;
        int code;

        line[strcspn(line, "\n")] = '\0';
        for (q.n = 0; rest && q.n < MOST_PARTS; q.n++)
            q.parts[q.n] = strsep(&rest, "\t");
        code = q.n < 3 ? -1 : answer(&q, &err);
        if (code)
            printf("failed: %s: %s\n", foray_error_name(code), err.msg);
        else
            printf("ok\n");
        fflush(stdout);
    }
    free(line);
    return 0;
}
