#include "image/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "image/archive_list.h"

/* Images of one archive mostly follow one another; of a list that mixes them as
 * many archives can be kept. */
enum { MOST_KEPT = 16 };

static _Thread_local struct {
    struct foray__archive_list lists[MOST_KEPT];
    uint64_t used[MOST_KEPT]; /* when, 0: nothing there */
    uint64_t now;
} kept;

/* Threads of a pool end with it, and what they remember with them. */
static pthread_key_t at_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool has_key;

static void forget(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < MOST_KEPT; i++)
        foray__archive_list_free(&kept.lists[i]);
    memset(&kept, 0, sizeof kept);
}

static void make_key(void)
{
    has_key = !pthread_key_create(&at_end, forget);
}

/* The list of an archive that is open as `fd`: as it is remembered, if it did
 * not change. */
static int get_list(const struct foray__archive_list **out, const char *archive,
                    const struct stat *st, struct foray_error *err)
{
    struct foray__archive_list list;
    char tail[FORAY__TAIL_SIZE];
    size_t oldest = 0;

    for (size_t i = 0; i < MOST_KEPT; i++) {
        if (kept.used[i] &&
            foray__archive_list_is_of(&kept.lists[i], archive, st)) {
            kept.used[i] = ++kept.now;
            *out = &kept.lists[i];
            return 0;
        }
        if (kept.used[i] < kept.used[oldest])
            oldest = i;
    }
    FORAY_TRY(foray__archive_list_read(&list, archive, err));
    if (!foray__archive_list_is_of(&list, archive, st)) {
        foray__archive_list_free(&list);
        return foray__fail(err, FORAY_EFORMAT,
                           "%s was changed while it was read",
                           foray__tail(tail, archive));
    }
    pthread_once(&once, make_key);
    if (has_key) /* without memory it stays */
        pthread_setspecific(at_end, &kept);
    foray__archive_list_free(&kept.lists[oldest]);
    kept.lists[oldest] = list;
    kept.used[oldest] = ++kept.now;
    *out = &kept.lists[oldest];
    return 0;
}

/* Open what is before the first ":" behind ".tar" that is a regular file;
 * *name is what is behind. Nothing is open then if there is none, also if it
 * cannot be opened: errno. Owner of *archive: the caller, free(). */
static int open_archive(char **archive, const char **name, const char *path,
                        struct stat *st)
{
    *archive = strdup(path);
    if (!*archive)
        return -1;
    errno = ENOENT;
    for (char *at = strcasestr(*archive, ".tar:"); at;
         at = strcasestr(at + 1, ".tar:")) {
        char *colon = at + strlen(".tar");
        int fd;

        *colon = '\0';
        *name = path + (colon - *archive) + 1;
        fd = open(*archive, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd >= 0 && !fstat(fd, st) && S_ISREG(st->st_mode))
            return fd;
        if (fd >= 0)
            close(fd);
        else if (errno != ENOENT && errno != ENOTDIR)
            return -1;
        *colon = ':';
        errno = ENOENT;
    }
    return -1;
}

/* By accident hardly two are the same; the constant is 2^64 over the golden
 * ratio. */
static uint64_t hash_place(uint64_t archive, uint64_t offset)
{
    return (archive * 0x9e3779b97f4a7c15 ^ offset) | (uint64_t)1 << 63;
}

static int find(struct foray__archived *out, const char *archive,
                const char *name, const struct stat *st,
                struct foray_error *err)
{
    const struct foray__archive_list *list;
    const struct foray__archive_entry *entry;
    char first[FORAY__TAIL_SIZE], second[FORAY__TAIL_SIZE];

    FORAY_TRY(get_list(&list, archive, st, err));
    entry = foray__archive_list_find(list, name);
    if (!entry && list->damage.code) { /* it may be behind */
        if (err)
            *err = list->damage;
        return list->damage.code;
    }
    if (!entry)
        return foray__fail(
            err, FORAY_ENOENT, "%s: the archive %s has no file of this name",
            foray__tail(first, name), foray__tail(second, archive));
    if (entry->sparse)
        return foray__fail(err, FORAY_ENOTSUP,
                           "%s: stored in pieces, as a sparse file, in the "
                           "archive %s: pack it without --sparse",
                           foray__tail(first, name),
                           foray__tail(second, archive));
    out->offset = entry->offset;
    out->size = entry->size;
    out->changed = foray__mtime_ns(st);
    out->place = hash_place((uint64_t)st->st_size, entry->offset);
    return 0;
}

int foray__archive_find(struct foray__archived *out, const char *path,
                        struct foray_error *err)
{
    char *archive = NULL, tail[FORAY__TAIL_SIZE];
    const char *name;
    struct stat st;
    int code = 0;

    memset(out, 0, sizeof *out);
    out->fd = -1;
    if (!strcasestr(path, ".tar:"))
        return 0;
    out->fd = open_archive(&archive, &name, path, &st);
    if (out->fd >= 0)
        code = find(out, archive, name, &st, err);
    else if (!archive || errno != ENOENT)
        code = foray__fail_errno(err, errno, "cannot open %s",
                                 foray__tail(tail, archive ? archive : path));
    if (code && out->fd >= 0) {
        close(out->fd);
        out->fd = -1;
    }
    free(archive);
    return code;
}

int foray__archive_refuse(const char *path, struct foray_error *err)
{
    struct foray__archive_list list;
    size_t length = strlen(path);
    char tail[FORAY__TAIL_SIZE];
    int code;

    if (length < 4 || strcasecmp(path + length - 4, ".tar") != 0)
        return 0;
    FORAY_TRY(foray__archive_list_read(&list, path, err));
    code = list.damage.code;
    if (code && err)
        *err = list.damage;
    foray__archive_list_free(&list);
    return code ? code
                : foray__fail(err, FORAY_ENOTSUP,
                              "%s is a tar archive: an image in it is "
                              "ARCHIVE.tar:NAME",
                              foray__tail(tail, path));
}

int foray__archive_stat(struct foray__archived *out, const char *path,
                        struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    struct stat st;
    int why;

    if (!stat(path, &st)) {
        *out = (struct foray__archived){.fd = -1,
                                        .size = (uint64_t)st.st_size,
                                        .changed = foray__mtime_ns(&st)};
        return 0;
    }
    why = errno;
    FORAY_TRY(foray__archive_find(out, path, err));
    if (out->fd < 0)
        return foray__fail_errno(err, why, "cannot look at %s",
                                 foray__tail(tail, path));
    close(out->fd);
    out->fd = -1;
    return 0;
}
