/* Gives the files named, and those in the folders named, to a fuzz target:
 * `make check` replays each corpus without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

static size_t count;

/* Exactly as many bytes as the file has, so that sanitizers see one more. */
static int run_file(const char *path, size_t nbytes)
{
    FILE *in = fopen(path, "rb");
    uint8_t *bytes = malloc(nbytes ? nbytes : 1);
    int failed = !in || !bytes || fread(bytes, 1, nbytes, in) != nbytes;

    if (failed) {
        perror(path);
    } else {
        LLVMFuzzerTestOneInput(bytes, nbytes);
        count++;
    }
    free(bytes);
    if (in)
        fclose(in);
    return failed;
}

static int run_path(const char *path);

static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    char inner[4096];
    int failed = !folder;

    if (failed)
        perror(path);
    while (folder && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        failed |= run_path(inner);
    }
    if (folder)
        closedir(folder);
    return failed;
}

static int run_path(const char *path)
{
    struct stat stats;

    if (stat(path, &stats)) {
        perror(path);
        return 1;
    }
    return S_ISDIR(stats.st_mode) ? run_folder(path)
                                  : run_file(path, (size_t)stats.st_size);
}

int main(int argc, char **argv)
{
    int failed = argc < 2;

    if (failed)
        fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
    for (int k = 1; k < argc; k++)
        failed |= run_path(argv[k]);
    printf("%zu inputs\n", count);
    return failed || !count ? EXIT_FAILURE : EXIT_SUCCESS;
}
