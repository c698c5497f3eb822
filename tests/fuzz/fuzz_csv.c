/* Any bytes as a table of numbers: no crash, no leak; an array has as many
 * rows as there can be lines, and a refusal is a sentence.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <foray/storage.h>

#include "convert/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

static void check_table(const struct foray_array *table, size_t nbytes)
{
    const double *values = table->data;
    size_t n = foray_array_nitems(table);
    volatile double sum = 0;

    if (table->dtype != FORAY_F64 || table->ndim < 1 || table->ndim > 2 || !n ||
        n > nbytes + 1 || (table->ndim == 2 && table->shape[1] < 2))
        abort();
    for (size_t i = 0; i < n; i++)
        sum = sum + values[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    static int fd = -1;
    struct foray_array table;
    struct foray_error err = {.code = 0};
    char path[32];
    int code;

    if (fd < 0)
        fd = (int)syscall(SYS_memfd_create, "table", 0);
    if (fd < 0 || ftruncate(fd, 0) ||
        pwrite(fd, bytes, nbytes, 0) != (ssize_t)nbytes) {
        perror("fuzz_csv");
        exit(99);
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    code = csv_open(&table, path, &err);
    if (code && (err.code != code || !err.msg[0] || strchr(err.msg, '\n')))
        abort();
    if (code)
        return 0;
    check_table(&table, nbytes);
    foray_array_close(&table, NULL);
    return 0;
}
