#include "image/fingerprint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/read.h"
#include "image/archive.h"

enum { BLOCK = 1 << 16 };

/* Multiply and fold, a word at a time; the constant is 2^64 over the golden
 * ratio. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 32;
}

/* Four words at a time: one alone waits for the multiplication before it. */
static uint64_t add(uint64_t hash, const unsigned char *bytes, size_t n)
{
    enum { LANES = 4 };
    uint64_t lanes[LANES] = {hash, hash + 1, hash + 2, hash + 3}, word[LANES];
    uint64_t last = n;

    for (; n >= sizeof word; n -= sizeof word, bytes += sizeof word) {
        memcpy(word, bytes, sizeof word);
        for (int k = 0; k < LANES; k++)
            lanes[k] = mix(lanes[k], word[k]);
    }
    for (; n >= sizeof last; n -= sizeof last, bytes += sizeof last) {
        memcpy(word, bytes, sizeof last);
        lanes[0] = mix(lanes[0], word[0]);
    }
    for (size_t i = 0; i < n; i++)
        last = last << 8 | bytes[i];
    hash = mix(lanes[0], last);
    for (int k = 1; k < LANES; k++)
        hash = mix(hash, lanes[k]);
    return hash;
}

uint64_t foray__fingerprint_content(const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    uint64_t hash = n;

    for (size_t done = 0; done < n; done += BLOCK)
        hash = add(hash, at + done, n - done < BLOCK ? n - done : BLOCK);
    return hash ? hash : 1;
}

/* Of a file that is `size` bytes long and begins at `start`. */
static uint64_t read_content(int fd, uint64_t start, uint64_t size)
{
    unsigned char *block = malloc(BLOCK);
    uint64_t hash = size;

    for (uint64_t done = 0; block && done < size; done += BLOCK) {
        size_t n = size - done < BLOCK ? (size_t)(size - done) : BLOCK;

        if (foray__read_at(fd, block, n, start + done) != (ssize_t)n) {
            free(block);
            return 0;
        }
        hash = add(hash, block, n);
    }
    if (!block)
        return 0;
    free(block);
    return hash ? hash : 1;
}

uint64_t foray__fingerprint_read(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct foray__archived archived;
    uint64_t hash = 0;
    struct stat st;

    if (fd >= 0) {
        if (!fstat(fd, &st) && S_ISREG(st.st_mode))
            hash = read_content(fd, 0, (uint64_t)st.st_size);
        close(fd);
    } else if (!foray__archive_find(&archived, path, NULL) &&
               archived.fd >= 0) {
        hash = read_content(archived.fd, archived.offset, archived.size);
        close(archived.fd);
    }
    return hash;
}

void foray__fingerprint_take(struct foray__fingerprint *out,
                             const struct foray__source *source)
{
    *out = (struct foray__fingerprint){
        .path = foray__fingerprint_content(source->name, strlen(source->name)),
        .size = source->size,
        .changed = source->changed,
        .place = source->place,
    };
}

void foray__fingerprint_look(struct foray__fingerprint *out, const char *path)
{
    struct foray__archived file;

    memset(out, 0, sizeof *out);
    out->path = foray__fingerprint_content(path, strlen(path));
    if (foray__archive_stat(&file, path, NULL))
        return;
    out->size = file.size;
    out->changed = file.changed;
    out->place = file.place;
}

int foray__fingerprint_check(const struct foray__fingerprint *then,
                             const char *path, size_t row, bool content,
                             struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    struct foray__fingerprint now;
    const char *shown = foray__tail(tail, path);

    foray__fingerprint_look(&now, path);
    if (now.path != then->path)
        return foray__fail(err, FORAY_EINVAL,
                           "row %zu of the run that was interrupted was of "
                           "another file than %s: begin anew, or give the "
                           "same images in the same order",
                           row, shown);
    if (now.size != then->size)
        return foray__fail(err, FORAY_EINVAL,
                           "%s has %llu bytes, and had %llu when row %zu was "
                           "computed: begin anew",
                           shown, (unsigned long long)now.size,
                           (unsigned long long)then->size, row);
    if (now.changed != then->changed)
        return foray__fail(err, FORAY_EINVAL,
                           "%s was changed since row %zu was computed: begin "
                           "anew",
                           shown, row);
    if (now.place != then->place)
        return foray__fail(err, FORAY_EINVAL,
                           "%s is in another place of its archive than when "
                           "row %zu was computed: begin anew",
                           shown, row);
    if (content && then->content &&
        foray__fingerprint_read(path) != then->content)
        return foray__fail(err, FORAY_EINVAL,
                           "%s has another content than when row %zu was "
                           "computed: begin anew",
                           shown, row);
    return 0;
}
