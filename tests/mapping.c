#include "mapping.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helpers.h"

int find_mapping(struct mapping *out, const void *address)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    uintptr_t wanted = (uintptr_t)address;
    char line[4352], flags[8] = "";
    int code = -1;

    memset(out, 0, sizeof *out);
    while (maps && code && fgets(line, sizeof line, maps)) {
        unsigned long low, high, offset, inode;

        if (sscanf(line, "%lx-%lx %7s %lx %*s %lu %255[^\n]", &low, &high,
                   flags, &offset, &inode, out->path) < 5)
            continue;
        if (wanted >= low && wanted < high) {
            out->inode = (int64_t)inode;
            out->offset = (int64_t)(offset + (wanted - low));
            code = 0;
        } else {
            out->path[0] = '\0';
        }
    }
    if (maps)
        fclose(maps);
    out->writable = flags[1] == 'w';
    out->shared = flags[3] == 's';
    return code;
}

int count_mapped(pid_t pid, const char *folder)
{
    char path[64], line[4352];
    FILE *maps;
    int n = 0;

    snprintf(path, sizeof path, "/proc/%ld/maps", (long)pid);
    maps = fopen(path, "r");
    if (!maps)
        return -1;
    while (fgets(line, sizeof line, maps)) {
        const char *file = strchr(line, '/');

        n += file && !strncmp(file, folder, strlen(folder));
    }
    fclose(maps);
    return n;
}

int count_open(pid_t pid, const char *folder)
{
    char path[64], file[4096];
    struct dirent *entry;
    ssize_t length;
    DIR *dir;
    int n = 0;

    snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
    dir = opendir(path);
    if (!dir)
        return -1;
    while ((entry = readdir(dir))) {
        length = readlinkat(dirfd(dir), entry->d_name, file, sizeof file);
        n += length >= (ssize_t)strlen(folder) &&
             !strncmp(file, folder, strlen(folder));
    }
    closedir(dir);
    return n;
}

size_t proportional_bytes(pid_t pid)
{
    char path[64], line[256];
    unsigned long kib = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Pss: %lu", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib * 1024;
}

int count_files(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int n = 0;

    if (!dir)
        return -1;
    while ((entry = readdir(dir)))
        n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(dir);
    return n;
}

void write_npy(const char *path, const char *describe, size_t offset,
               const void *data, size_t nbytes)
{
    size_t length = offset - 10, used = strlen(describe);
    unsigned char *head = malloc(offset);
    FILE *file = fopen(path, "wb");

    assert_non_null(head);
    assert_non_null(file);
    assert_true(length > used && length < 65536);
    memcpy(head, "\x93NUMPY\x01\x00", 8);
    head[8] = (unsigned char)(length & 255);
    head[9] = (unsigned char)(length >> 8);
    memset(head + 10, ' ', length);
    memcpy(head + 10, describe, used);
    head[offset - 1] = '\n';
    assert_int_equal(fwrite(head, 1, offset, file), offset);
    assert_int_equal(fwrite(data, 1, nbytes, file), nbytes);
    assert_int_equal(fclose(file), 0);
    free(head);
}

struct foray_array wrap(void *data, enum foray_dtype dtype, int ndim,
                        const size_t *shape)
{
    struct foray_array array;
    struct foray_error err;

    assert_ok(foray_array_wrap(&array, data, dtype, ndim, shape, &err), err);
    return array;
}

/* The elements in C order. Owner: the caller, free(). NULL when they cannot be
 * had. */
static void *elements_of(const struct foray_array *array)
{
    size_t nbytes = foray_array_nbytes(array);
    void *bytes = malloc(nbytes ? nbytes : 1);
    struct foray_array copy;

    if (bytes && !foray_array_wrap(&copy, bytes, array->dtype, array->ndim,
                                   array->shape, NULL)) {
        copy.swapped = array->swapped;
        if (!foray_array_copy(&copy, array, NULL))
            return bytes;
    }
    free(bytes);
    return NULL;
}

int describe_array(struct foray_task *task)
{
    const struct foray_array *array = foray_task_array(task, 0);
    struct mapping mapping;
    void *elements;
    bool writes;
    int code;

    if (!array)
        return -1;
    if (find_mapping(&mapping, array->data))
        return foray_task_fail(task, "the argument is not mapped");
    elements = elements_of(array);
    if (!elements)
        return foray_task_fail(task, "the argument cannot be copied");
    writes = array->mode == FORAY_READ_WRITE || array->mode == FORAY_CREATE;
    code = foray_return(task, mapping.inode, mapping.offset, writes,
                        FORAY_BYTES(elements, foray_array_nbytes(array)));
    free(elements);
    return code;
}

void check_same_memory(struct foray_pool *pool, const struct foray_array *view)
{
    struct foray_call call = foray_delayed(describe_array, view);
    struct foray_result result;
    struct mapping here;
    struct foray_error err;
    void *elements = elements_of(view);

    assert_non_null(elements);
    assert_int_equal(find_mapping(&here, view->data), 0);
    assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
    assert_int_equal(foray_result_i64(&result, 0), here.inode);
    assert_int_equal(foray_result_i64(&result, 1), here.offset);
    assert_int_equal(foray_result_bytes(&result, 3).size,
                     foray_array_nbytes(view));
    assert_memory_equal(foray_result_bytes(&result, 3).data, elements,
                        foray_array_nbytes(view));
    foray_result_free(&result);
    free(elements);
}
