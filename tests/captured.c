#include "captured.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "helpers.h"

static FILE *checked_open(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);

    if (!file) {
        perror(path);
        exit(99);
    }
    return file;
}

/* Make a file and the folders it lies in. */
static FILE *make_file(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) && errno != EEXIST) {
            perror(path);
            exit(99);
        }
        *slash = '/';
    }
    return checked_open(path, "we");
}

const char *captured_machine(const char *name)
{
    static char root[512];
    char line[4096], path[4096];
    FILE *bundle, *out = NULL;

    bundle = checked_open(data_path("machine/%s.txt", name), "re");
    snprintf(root, sizeof root, "%s", test_path(name));
    mkdir(root, 0700);
    while (fgets(line, sizeof line, bundle)) {
        if (!strncmp(line, "=== ", 4)) {
            line[strcspn(line, "\n")] = '\0';
            if (out)
                fclose(out);
            snprintf(path, sizeof path, "%.500s%.3000s", root, line + 4);
            out = make_file(path);
        } else if (out) { /* what comes before the first file is a comment */
            fputs(line, out);
        }
    }
    if (out)
        fclose(out);
    fclose(bundle);
    return root;
}
