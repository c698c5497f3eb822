#include "image/archive_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <foray/image.h>

#include "base/error.h"
#include "storage/tar.h"

/* A list that grows. */
struct growth {
    struct foray__archive_list *list;
    size_t room, names_room, names_used;
};

static bool make_room(struct growth *growth, size_t length)
{
    struct foray__archive_list *list = growth->list;

    if (list->n == growth->room) {
        size_t room = growth->room ? 2 * growth->room : 256;
        void *more = reallocarray(list->entries, room, sizeof *list->entries);

        if (!more)
            return false;
        list->entries = more;
        growth->room = room;
    }
    if (length > growth->names_room - growth->names_used) {
        size_t room = 2 * growth->names_room + length + 4096;
        char *more = realloc(list->names, room);

        if (!more)
            return false;
        list->names = more;
        growth->names_room = room;
    }
    return true;
}

static bool add(struct growth *growth, const struct foray__tar_member *member)
{
    struct foray__archive_list *list = growth->list;
    size_t length = strlen(member->name) + 1;

    if (!make_room(growth, length))
        return false;
    memcpy(list->names + growth->names_used, member->name, length);
    list->entries[list->n++] = (struct foray__archive_entry){
        growth->names_used, member->offset, member->size, member->sparse};
    growth->names_used += length;
    return true;
}

static int read_entries(struct growth *growth, struct foray__tar *tar,
                        struct foray_error *err)
{
    struct foray__tar_member member;
    bool more;

    for (;;) {
        FORAY_TRY(foray__tar_next(&member, &more, tar, err));
        if (!more)
            return 0;
        if (!add(growth, &member))
            return foray__fail(err, FORAY_ENOMEM,
                               "no memory for a list of %zu files in an "
                               "archive",
                               growth->list->n);
    }
}

static int by_name(const void *a, const void *b, void *names)
{
    const struct foray__archive_entry *x = a, *y = b;
    int order = strcmp((char *)names + x->name, (char *)names + y->name);

    return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

/* Sorted, files of one name are neighbours, the last one behind. */
static void sort(struct foray__archive_list *list)
{
    size_t n = 0;

    if (list->n)
        qsort_r(list->entries, list->n, sizeof *list->entries, by_name,
                list->names);
    for (size_t i = 0; i < list->n; i++) {
        bool again = n && !strcmp(list->names + list->entries[n - 1].name,
                                  list->names + list->entries[i].name);

        n -= again;
        list->entries[n++] = list->entries[i];
    }
    list->n = n;
}

static int64_t to_ns(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

int64_t foray__mtime_ns(const struct stat *st)
{
    return to_ns(&st->st_mtim);
}

static void note(struct foray__archive_list *list, const struct stat *st)
{
    list->device = st->st_dev;
    list->file = st->st_ino;
    list->size = (uint64_t)st->st_size;
    list->changed = foray__mtime_ns(st);
    list->touched = to_ns(&st->st_ctim);
}

int foray__archive_list_read(struct foray__archive_list *out, const char *path,
                             struct foray_error *err)
{
    struct growth growth = {.list = out};
    struct foray__tar tar;
    struct stat st;
    int code;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__tar_open(&tar, path, err));
    out->path = strdup(path);
    if (!out->path || fstat(tar.fd, &st)) {
        code = foray__fail_errno(err, errno, "cannot list an archive");
    } else {
        note(out, &st);
        code = read_entries(&growth, &tar, &out->damage);
        if (code && code != FORAY_ENOMEM)
            code = 0; /* what came before it is there */
        else if (code && err)
            *err = out->damage;
    }
    foray__tar_close(&tar);
    if (code)
        foray__archive_list_free(out);
    else
        sort(out);
    return code;
}

bool foray__archive_list_is_of(const struct foray__archive_list *list,
                               const char *path, const struct stat *st)
{
    struct foray__archive_list now;

    note(&now, st);
    return list->device == now.device && list->file == now.file &&
           list->size == now.size && list->changed == now.changed &&
           list->touched == now.touched && !strcmp(list->path, path);
}

const struct foray__archive_entry *
foray__archive_list_find(const struct foray__archive_list *list,
                         const char *name)
{
    size_t low = 0, high = list->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct foray__archive_entry *entry = &list->entries[middle];
        int order = strcmp(name, list->names + entry->name);

        if (!order)
            return entry;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void foray__archive_list_free(struct foray__archive_list *list)
{
    free(list->path);
    free(list->names);
    free(list->entries);
    memset(list, 0, sizeof *list);
}

static int by_place(const void *a, const void *b)
{
    const struct foray__archive_entry *x = a, *y = b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* In the archive's order. */
static int spell(struct foray_image_members *out,
                 struct foray__archive_list *list, struct foray_error *err)
{
    size_t archive = strlen(list->path);

    if (list->n)
        qsort(list->entries, list->n, sizeof *list->entries, by_place);
    out->paths = calloc(list->n + 1, sizeof *out->paths);
    for (size_t i = 0; out->paths && i < list->n; i++) {
        const char *name = list->names + list->entries[i].name;
        char *path = malloc(archive + 1 + strlen(name) + 1);

        if (!path)
            break;
        memcpy(path, list->path, archive);
        path[archive] = ':';
        strcpy(path + archive + 1, name);
        out->paths[out->n++] = path;
    }
    if (out->paths && out->n == list->n)
        return 0;
    return foray__fail(err, FORAY_ENOMEM,
                       "no memory for a list of %zu files in an archive",
                       list->n);
}

/* Others' members have no path. */
static int check_name(const char *archive, struct foray_error *err)
{
    size_t length = strlen(archive);
    char tail[FORAY__TAIL_SIZE];

    if (length > 4 && !strcasecmp(archive + length - 4, ".tar"))
        return 0;
    return foray__fail(err, FORAY_EINVAL,
                       "%s: images in an archive have paths only if its name "
                       "ends in .tar",
                       foray__tail(tail, archive));
}

int foray_image_members_before(struct foray_image_members *out,
                               struct foray_error *damage, const char *archive,
                               struct foray_error *err)
{
    struct foray__archive_list list;
    int code;

    memset(out, 0, sizeof *out);
    memset(damage, 0, sizeof *damage);
    FORAY_TRY(foray__archive_list_read(&list, archive, err));
    *damage = list.damage;
    code = check_name(archive, err);
    if (!code)
        code = spell(out, &list, err);
    foray__archive_list_free(&list);
    if (code)
        foray_image_members_free(out);
    return code;
}

int foray_image_members(struct foray_image_members *out, const char *archive,
                        struct foray_error *err)
{
    struct foray_error damage;
    int code = foray_image_members_before(out, &damage, archive, err);

    if (!damage.code)
        return code;
    if (err)
        *err = damage;
    foray_image_members_free(out);
    return damage.code;
}

void foray_image_members_free(struct foray_image_members *members)
{
    for (size_t i = 0; i < members->n; i++)
        free(members->paths[i]);
    free(members->paths);
    memset(members, 0, sizeof *members);
}
