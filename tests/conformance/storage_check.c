/* What storage.py asks of the library:
 *
 *     storage_check save       an array of NumPy's, viewed and saved, for each
 *                              line IN <tab> OUT <tab> HOW; answers "ok"
 *     storage_check hold IN    unnamed arrays, until standard input ends
 *
 * HOW is a word: "same", "dump" (through an unnamed segment), "load",
 * "transposed", "reversed" (every axis), "second" (every second of every axis).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "storage/segment.h"

static int complain(const struct foray_error *err)
{
    fprintf(stderr, "%s\n", err->msg);
    return EXIT_FAILURE;
}

/* A view of the array, as the word says. */
static int turn(struct foray_array *view, const char *how,
                struct foray_error *err)
{
    ptrdiff_t step = !strcmp(how, "reversed") ? -1 : 2;

    if (!strcmp(how, "transposed"))
        return foray_array_transpose(view, view, NULL, err);
    if (strcmp(how, "reversed") != 0 && strcmp(how, "second") != 0)
        return 0;
    for (int k = 0; k < view->ndim; k++) {
        int code = foray_array_slice(view, view, k, step < 0 ? FORAY_TO_END : 0,
                                     FORAY_TO_END, step, err);

        if (code)
            return code;
    }
    return 0;
}

static int save(const char *in, const char *out, const char *how)
{
    struct foray_array array = {0}, copy = {0}, view;
    struct foray_error err;
    int code;

    code = !strcmp(how, "load") ? foray_array_load(&array, in, &err)
                                : foray_array_open(&array, in, "r", &err);
    if (code)
        return complain(&err);
    view = array;
    code = turn(&view, how, &err);
    if (!code && !strcmp(how, "dump")) {
        code = foray_array_dump(&copy, &view, NULL, &err);
        view = copy;
    }
    if (!code)
        code = foray_array_save(&view, out, &err);
    if (!code)
        code = foray_array_close(&copy, &err);
    if (!code)
        code = foray_array_close(&array, &err);
    return code ? complain(&err) : EXIT_SUCCESS;
}

/* A descriptor a line: a created array with values of its own, one dumped. */
static int hold(const char *in)
{
    struct foray_array created, opened, dumped;
    size_t shape[2] = {700, 1000};
    struct foray_error err;
    char byte;

    if (foray_array_create(&created, NULL, FORAY_F64, 2, shape, &err) ||
        foray_array_open(&opened, in, "r", &err) ||
        foray_array_dump(&dumped, &opened, NULL, &err))
        return complain(&err);
    for (size_t i = 0; i < shape[0]; i++)
        for (size_t j = 0; j < shape[1]; j++)
            FORAY_AT(&created, double, i, j) = (double)(i * shape[1] + j);
    printf("%d\n%d\n", created.segment->fd, dumped.segment->fd);
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    if (foray_array_close(&dumped, &err) || foray_array_close(&opened, &err) ||
        foray_array_close(&created, &err))
        return complain(&err);
    return EXIT_SUCCESS;
}

static int save_all(void)
{
    char line[3 * 4096];

    while (fgets(line, sizeof line, stdin)) {
        char *rest = NULL, *in = strtok_r(line, "\t\n", &rest),
             *out = strtok_r(NULL, "\t\n", &rest),
             *how = strtok_r(NULL, "\t\n", &rest);

        if (!how || save(in, out, how))
            return EXIT_FAILURE;
        puts("ok");
        fflush(stdout);
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "save"))
        return save_all();
    if (argc == 3 && !strcmp(argv[1], "hold"))
        return hold(argv[2]);
    fprintf(stderr, "usage: storage_check save | hold IN\n");
    return 2;
}
