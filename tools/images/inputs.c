#include "images/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <foray/image.h>

#include "data/output.h"
#include "shell/message.h"
#include "shell/values.h"

static int no_memory(void)
{
    message("out of memory");
    return -1;
}

/* Takes `path` over, also when it fails. */
static int append(struct inputs *inputs, char *path)
{
    if (path && inputs->n == inputs->capacity) {
        size_t capacity = inputs->capacity ? 2 * inputs->capacity : 64;
        char **paths =
            reallocarray(inputs->paths, capacity, sizeof *inputs->paths);

        if (!paths) {
            free(path);
            path = NULL;
        } else {
            inputs->paths = paths;
            inputs->capacity = capacity;
        }
    }
    if (!path)
        return no_memory();
    inputs->paths[inputs->n++] = path;
    return 0;
}

static bool is_image(const char *name)
{
    static const char *const extensions[] = {"jpg",  "jpeg", "png", "tif",
                                             "tiff", "webp", "pgm", "ppm"};
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < sizeof extensions / sizeof *extensions; i++)
        if (!strcasecmp(dot + 1, extensions[i]))
            return true;
    return false;
}

static bool is_archive(const char *name)
{
    return output_has_suffix(name, ".tar");
}

/* The library says why their members cannot be read. */
static bool is_compressed_archive(const char *name)
{
    static const char *const ends[] = {".tar.gz",  ".tgz",  ".tar.bz2", ".tbz2",
                                       ".tar.xz",  ".txz",  ".tar.zst", ".tzst",
                                       ".tar.lz4", ".tar.Z"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (output_has_suffix(name, ends[i]))
            return true;
    return false;
}

/* Whether a part of a path begins with a dot, and is not "." or "..". */
static bool is_hidden(const char *path)
{
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (part[0] == '.' && part[1] && part[1] != '/' &&
            !(part[1] == '.' && (!part[2] || part[2] == '/')))
            return true;
    }
    return false;
}

/* Images among the files of an archive, whose paths are taken over. */
static int add_members(struct inputs *inputs, const char *archive,
                       struct foray_image_members *members)
{
    int code = 0;

    for (size_t i = 0; !code && i < members->n; i++) {
        const char *name = members->paths[i] + strlen(archive) + 1;

        if (!is_image(name) || is_hidden(name))
            continue;
        code = append(inputs, members->paths[i]);
        members->paths[i] = NULL;
    }
    return code;
}

/* The images in an archive, in its order. What is wrong with it the run finds
 * out again, and says it of the archive. */
static int add_archive(struct inputs *inputs, const char *archive)
{
    struct foray_image_members members;
    struct foray_error damage, err;
    bool skips = inputs->skips && is_archive(archive);
    int code = foray_image_members_before(&members, &damage, archive, &err);
    bool fails = code || damage.code;

    if (fails && (!skips || code == FORAY_ENOMEM)) {
        message("%s", damage.code ? damage.msg : err.msg);
        foray_image_members_free(&members);
        return -1;
    }
    code = add_members(inputs, archive, &members);
    if (!code && fails)
        code = append(inputs, strdup(archive));
    foray_image_members_free(&members);
    return code;
}

static int add_folder(struct inputs *inputs, const char *folder,
                      bool recursive);

/* What the folder says it is: of millions of files nobody asks one by one. */
static unsigned char type_of(const struct dirent *entry, const char *path)
{
    struct stat st;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    return lstat(path, &st) ? DT_UNKNOWN : (unsigned char)IFTODT(st.st_mode);
}

/* A regular file, or a link to one. A link that leads nowhere is kept: the run
 * says that it is missing. */
static bool is_file(unsigned char type, const char *path)
{
    struct stat st;

    if (type == DT_REG)
        return true;
    return (type == DT_LNK || type == DT_UNKNOWN) &&
           (stat(path, &st) || S_ISREG(st.st_mode));
}

/* One entry of a folder. Takes `path` over. */
static int add_entry(struct inputs *inputs, char *path,
                     const struct dirent *entry, bool recursive)
{
    unsigned char type = type_of(entry, path);
    int code = 0;

    if (type == DT_DIR) {
        if (recursive)
            code = add_folder(inputs, path, recursive);
    } else if ((is_image(entry->d_name) || is_archive(entry->d_name)) &&
               is_file(type, path)) {
        return append(inputs, path);
    }
    free(path);
    return code;
}

static int add_folder(struct inputs *inputs, const char *folder, bool recursive)
{
    DIR *dir = opendir(folder);
    size_t length = strlen(folder);
    const char *slash = length && folder[length - 1] == '/' ? "" : "/";
    struct dirent *entry;
    int code = 0;

    if (!dir && inputs->skips && errno == EACCES)
        return append(inputs, strdup(folder)); /* the run says why it fails */
    if (!dir) {
        message("%s: %s", folder, strerror(errno));
        return -1;
    }
    while (!code && (errno = 0, entry = readdir(dir))) {
        char *path;

        if (entry->d_name[0] == '.')
            continue;
        if (asprintf(&path, "%s%s%s", folder, slash, entry->d_name) < 0)
            code = no_memory();
        else
            code = add_entry(inputs, path, entry, recursive);
    }
    if (!code && errno) {
        message("%s: %s", folder, strerror(errno));
        code = -1;
    }
    closedir(dir);
    return code;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Archives of a folder give way to what is in them. Paths of `found` are taken
 * over. */
static int add_found(struct inputs *inputs, const struct inputs *found)
{
    int code = 0;

    for (size_t i = 0; i < found->n; i++) {
        char *path = found->paths[i];

        if (!code && !is_archive(path)) {
            code = append(inputs, path);
            continue;
        }
        if (!code)
            code = add_archive(inputs, path);
        free(path);
    }
    free(found->paths);
    return code;
}

static int add_images(struct inputs *inputs, const char *folder, bool recursive)
{
    struct inputs found = {.skips = inputs->skips};

    if (add_folder(&found, folder, recursive)) {
        inputs_free(&found);
        return -1;
    }
    if (found.n)
        qsort(found.paths, found.n, sizeof *found.paths, compare);
    return add_found(inputs, &found);
}

int inputs_add(struct inputs *inputs, const char *path, bool recursive)
{
    size_t before = inputs->n;
    const char *where = "archive";
    struct stat st;

    if (!*path) {
        message("the name of an image is empty");
        return -1;
    }
    if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
        where = recursive ? "folder or below it"
                          : "folder; --recursive looks below it too";
        if (add_images(inputs, path, recursive))
            return -1;
    } else if (is_archive(path) || is_compressed_archive(path)) {
        if (add_archive(inputs, path))
            return -1;
    } else {
        return append(inputs, strdup(path));
    }
    if (inputs->n > before)
        return 0;
    message(
        "%s: no jpg, jpeg, png, tif, tiff, webp, pgm or ppm files in this %s",
        path, where);
    return -1;
}

static int add_list(struct inputs *inputs, const char *list, bool nul,
                    bool recursive)
{
    bool standard = !strcmp(list, "-");
    FILE *file = standard ? stdin : fopen(list, "r");
    char end = nul ? '\0' : '\n', *line = NULL;
    const char *name = standard ? "standard input" : list;
    size_t size = 0;
    ssize_t length;
    int code = 0;

    if (!file) {
        message("%s: %s", name, strerror(errno));
        return -1;
    }
    while (!code && (length = getdelim(&line, &size, end, file)) > 0) {
        if (line[length - 1] == end)
            line[--length] = '\0';
        if (strlen(line) != (size_t)length) {
            message("%s: a path holds a NUL byte; -0 reads NUL-terminated "
                    "paths",
                    name);
            code = -1;
        } else if (length) {
            code = inputs_add(inputs, line, recursive);
        }
    }
    if (!code && ferror(file)) {
        message("%s: %s", name, strerror(errno));
        code = -1;
    }
    free(line);
    if (!standard)
        fclose(file);
    return code;
}

#define AT(field) offsetof(struct inputs_options, field)

const struct option_spec inputs_options[] = {
    {"from", 0, "FILE", value_text, AT(from),
     "read paths from FILE, a line each; - standard input"},
    {"null", '0', NULL, value_flag, AT(nul),
     "paths of --from end in NUL, as find -print0 writes"},
    {"recursive", 0, NULL, value_flag, AT(recursive),
     "look for images below a DIR too"},
    {0}};

int inputs_check(const struct inputs_options *options, int n_operands)
{
    if (!n_operands && !options->from)
        return options_wrong("no images: name files or folders, or --from a "
                             "list");
    if (options->nul && !options->from)
        return options_wrong("-0 is for the paths of --from FILE");
    return 0;
}

int inputs_collect(struct inputs *inputs, const struct inputs_options *options,
                   char **operands, int n)
{
    for (int i = 0; i < n; i++)
        if (inputs_add(inputs, operands[i], options->recursive))
            return STATUS_FAILED;
    if (options->from &&
        add_list(inputs, options->from, options->nul, options->recursive))
        return STATUS_FAILED;
    if (inputs->n)
        return 0;
    message("%s: no paths in this list",
            options->from && strcmp(options->from, "-") != 0
                ? options->from
                : "standard input");
    return STATUS_FAILED;
}

void inputs_free(struct inputs *inputs)
{
    for (size_t i = 0; i < inputs->n; i++)
        free(inputs->paths[i]);
    free(inputs->paths);
    memset(inputs, 0, sizeof *inputs);
}
