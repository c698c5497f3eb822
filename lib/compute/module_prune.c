/* What is in the folder of modules beyond its bounds: those go first that were
 * used last the longest time ago. */
#include "compute/module.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 256, MOST_BYTES = 1 << 26, ABANDONED = 24 * 3600 /* seconds */ };

struct entry {
    char name[FORAY__SHA256_TEXT + 3];
    uint64_t nbytes;
    struct timespec used;
};

struct entries {
    struct entry *items;
    size_t n, room;
};

/* What a name has behind the digest of a module and its suffix; NULL: it is of
 * something else. */
static const char *behind_digest(const char *name)
{
    size_t n = strspn(name, "0123456789abcdef");

    return n == FORAY__SHA256_TEXT - 1 && !strncmp(name + n, ".so", 3)
               ? name + n + 3
               : NULL;
}

static void add(struct entries *entries, const char *name,
                const struct stat *st)
{
    struct entry *entry;

    if (entries->n == entries->room) {
        size_t room = entries->room ? 2 * entries->room : MOST;

        entry = realloc(entries->items, room * sizeof *entry);
        if (!entry)
            return;
        entries->items = entry;
        entries->room = room;
    }
    entry = &entries->items[entries->n++];
    memcpy(entry->name, name, sizeof entry->name);
    entry->nbytes = (uint64_t)st->st_size;
    entry->used = st->st_mtim;
}

/* Modules into the list; away with what was to become one a day ago. */
static void look_at(struct entries *entries, int fd, const char *name)
{
    const char *behind = behind_digest(name);
    struct stat st;

    if (!behind || fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) ||
        !S_ISREG(st.st_mode))
        return;
    if (!*behind)
        add(entries, name, &st);
    else if (st.st_mtim.tv_sec + ABANDONED < time(NULL))
        unlinkat(fd, name, 0);
}

static int compare_uses(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    if (a->used.tv_sec != b->used.tv_sec)
        return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
    if (a->used.tv_nsec != b->used.tv_nsec)
        return a->used.tv_nsec < b->used.tv_nsec ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* Unless somebody has it locked. */
static bool remove_unused(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool removed;

    if (fd < 0)
        return false;
    removed = !flock(fd, LOCK_EX | LOCK_NB) && !unlinkat(folder, name, 0);
    close(fd);
    return removed;
}

static void remove_oldest(const struct entries *entries, int folder)
{
    uint64_t nbytes = 0;
    size_t n = entries->n;

    for (size_t i = 0; i < entries->n; i++)
        nbytes += entries->items[i].nbytes;
    for (size_t i = 0; i < entries->n && (n > MOST || nbytes > MOST_BYTES); i++)
        if (remove_unused(folder, entries->items[i].name)) {
            nbytes -= entries->items[i].nbytes;
            n--;
        }
}

void foray__module_prune(const struct foray__module_folder *folder)
{
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *files = fd < 0 ? NULL : fdopendir(fd);
    struct entries entries = {NULL, 0, 0};
    const struct dirent *file;

    if (!files) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((file = readdir(files)))
        look_at(&entries, fd, file->d_name);
    if (entries.n)
        qsort(entries.items, entries.n, sizeof *entries.items, compare_uses);
    remove_oldest(&entries, fd);
    free(entries.items);
    closedir(files);
}
