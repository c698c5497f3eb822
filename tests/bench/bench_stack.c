/* The HOG kernel alone: two processes describe the images of a stack, which lie
 * in memory, into memory; nothing else is done. What foray hog is beside it,
 * bench_rows.py tells.
 *
 *     bench_stack STACK.npy PIXELS-PER-CELL CELLS-PER-BLOCK
 *
 * Prints seconds: images read and memory for the features touched before, both
 * processes waiting for a word to begin.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>
#include <foray/hog.h>

#include "measure.h"

enum { PROCESSES = 2 };

/* Memory of this process and its children, touched. */
static void *shared_memory(size_t nbytes)
{
    char *bytes = mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (bytes == MAP_FAILED)
        die("no memory");
    return bytes;
}

/* Images `first` to `last` of the stack. */
static void describe(const struct foray_array *features,
                     const struct foray_array *stack,
                     const struct foray_hog_options *options, size_t first,
                     size_t last)
{
    struct foray_hog *hog;
    struct foray_error err;

    check(foray_hog_new(&hog, options, &err), &err);
    for (size_t i = first; i < last; i++) {
        struct foray_array image, row;

        check(foray_array_index(&image, stack, 0, i, &err), &err);
        check(foray_array_index(&row, features, 0, i, &err), &err);
        check(foray_hog_compute(hog, &image, &row, &err), &err);
    }
    foray_hog_free(hog);
}

static double measure(const struct foray_array *features,
                      const struct foray_array *stack,
                      const struct foray_hog_options *options)
{
    size_t n = stack->shape[0];
    int gate[2], status;
    double start;

    if (pipe(gate))
        die("no pipe");
    for (size_t p = 0; p < PROCESSES; p++)
        if (!fork()) {
            char word;

            close(gate[1]);
            (void)!read(gate[0], &word, 1); /* ends with the pipe */
            describe(features, stack, options, n * p / PROCESSES,
                     n * (p + 1) / PROCESSES);
            _exit(0);
        }
    usleep(20000); /* both are there */
    start = now();
    close(gate[1]);
    for (int p = 0; p < PROCESSES; p++)
        if (wait(&status) < 0 || status)
            die("a process failed");
    close(gate[0]);
    return now() - start;
}

int main(int argc, char **argv)
{
    struct foray_hog_options options = {0};
    struct foray_array stack = {0}, copy, features;
    struct foray_hog *hog;
    struct foray_error err;
    size_t shape[2];

    if (argc != 4) {
        fputs("usage: bench_stack STACK.npy PIXELS-PER-CELL CELLS-PER-BLOCK\n",
              stderr);
        return 2;
    }
    options.cell_rows = options.cell_cols = strtoul(argv[2], NULL, 10);
    options.block_rows = options.block_cols = strtoul(argv[3], NULL, 10);
    check(foray_array_open(&stack, argv[1], "r", &err), &err);
    check(foray_array_wrap(&copy, shared_memory(foray_array_nbytes(&stack)),
                           stack.dtype, stack.ndim, stack.shape, &err),
          &err);
    check(foray_array_copy(&copy, &stack, &err), &err);
    check(foray_hog_new(&hog, &options, &err), &err);
    shape[0] = stack.shape[0];
    check(
        foray_hog_length(&shape[1], hog, stack.shape[1], stack.shape[2], &err),
        &err);
    check(foray_array_wrap(&features,
                           shared_memory(shape[0] * shape[1] * sizeof(double)),
                           FORAY_F64, 2, shape, &err),
          &err);
    printf("%.4f\n", measure(&features, &copy, &options));
    foray_hog_free(hog);
    check(foray_array_close(&stack, &err), &err);
    return 0;
}
