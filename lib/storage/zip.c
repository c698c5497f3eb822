#include "storage/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array/npy_text.h"
#include "base/error.h"
#include "base/read.h"
#include "storage/bytes.h"
#include "storage/existing.h"
#include "storage/file.h"

static const uint64_t most_directory = (uint64_t)64 << 20;

enum { ENCRYPTED = 1, FOLLOWED_BY_SUMS = 8 }; /* flags */

/* The end of an archive as it is read: where its records are. */
struct ending {
    uint64_t records; /* where those behind the directory begin */
    uint64_t size;    /* of the directory */
    uint64_t start;   /* where it says it begins */
    uint64_t file_size;
};

static int damaged(const char *path, const char *what, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    return foray__fail(err, FORAY_EFORMAT, "%s is a damaged zip archive: %s",
                       foray__tail(tail, path), what);
}

/* Exactly so many bytes. */
static int read_at(const struct foray__zip *zip, void *bytes, size_t nbytes,
                   uint64_t offset, struct foray_error *err)
{
    ssize_t n = foray__read_at(zip->fd, bytes, nbytes, offset);
    char tail[FORAY__TAIL_SIZE];

    if (n < 0)
        return foray__fail_errno(err, errno, "cannot read %s",
                                 foray__tail(tail, zip->path));
    if ((size_t)n < nbytes)
        return foray__fail(err, FORAY_ETRUNCATED,
                           "%s became shorter while it was read",
                           foray__tail(tail, zip->path));
    return 0;
}

/* The record that ends the archive is the last thing in the file but for a
 * comment of at most 65535 bytes. */
static int find_end(struct ending *out, const struct foray__zip *zip,
                    struct foray_error *err)
{
    enum { MOST = FORAY__ZIP_END_SIZE + 65535 };
    size_t n = out->file_size < MOST ? (size_t)out->file_size : MOST;
    unsigned char *bytes = malloc(n + 1);
    char tail[FORAY__TAIL_SIZE];
    bool found = false;
    int code;

    if (!bytes)
        return foray__fail(err, FORAY_ENOMEM, "no memory to read %s",
                           foray__tail(tail, zip->path));
    code = read_at(zip, bytes, n, out->file_size - n, err);
    for (size_t k = n; !code && !found && k >= FORAY__ZIP_END_SIZE; k--) {
        const unsigned char *at = bytes + k - FORAY__ZIP_END_SIZE;

        if (foray__get_little(at, 4) != FORAY__ZIP_END ||
            foray__get_little(at + 20, 2) > n - k)
            continue;
        found = true;
        out->records = out->file_size - n + k - FORAY__ZIP_END_SIZE;
        out->size = foray__get_little(at + 12, 4);
        out->start = foray__get_little(at + 16, 4);
    }
    free(bytes);
    if (code || found)
        return code;
    return foray__fail(err, FORAY_EFORMAT,
                       "%s is no .npz file: it does not end as a zip archive "
                       "does, or was cut short",
                       foray__tail(tail, zip->path));
}

/* Archives with numbers of more than 32 bits have one more record. */
static int find_end64(struct ending *out, const struct foray__zip *zip,
                      struct foray_error *err)
{
    enum { BOTH = FORAY__ZIP_END64_SIZE + FORAY__ZIP_LOCATOR64_SIZE };
    unsigned char bytes[BOTH];

    if (out->records < BOTH)
        return 0;
    FORAY_TRY(read_at(zip, bytes, BOTH, out->records - BOTH, err));
    if (foray__get_little(bytes + FORAY__ZIP_END64_SIZE, 4) !=
        FORAY__ZIP_LOCATOR64)
        return 0;
    if (foray__get_little(bytes, 4) != FORAY__ZIP_END64)
        return damaged(zip->path, "its ZIP64 record is not where it should be",
                       err);
    out->records -= BOTH;
    out->size = foray__get_little(bytes + 40, 8);
    out->start = foray__get_little(bytes + 48, 8);
    return 0;
}

/* Numbers that do not fit their 32 bits are in an extra field, in the order
 * size, stored, local; those that fit are not there. */
static bool read_extra64(struct foray__zip_member *member,
                         const unsigned char *extra, size_t length)
{
    uint64_t *numbers[] = {&member->size, &member->stored, &member->local};

    while (length >= 4) {
        size_t n = (size_t)foray__get_little(extra + 2, 2), used = 0;

        if (n > length - 4)
            return false;
        for (int k = 0; foray__get_little(extra, 2) == 1 && k < 3; k++) {
            if (*numbers[k] != UINT32_MAX)
                continue;
            if (used + 8 > n)
                return false;
            *numbers[k] = foray__get_little(extra + 4 + used, 8);
            used += 8;
        }
        extra += 4 + n;
        length -= 4 + n;
    }
    return true;
}

/* Bytes that are no UTF-8 (older archives) become question marks. */
static char *copy_name(const unsigned char *bytes, size_t length)
{
    char *name = malloc(length + 1);
    bool is_utf8 = foray__is_utf8((const char *)bytes, length);

    if (!name)
        return NULL;
    for (size_t k = 0; k < length; k++)
        name[k] =
            (is_utf8 || bytes[k] < 0x80) && bytes[k] ? (char)bytes[k] : '?';
    name[length] = '\0';
    return name;
}

/* One entry of the directory; *used are its bytes. `shift` is what was put
 * before the archive. */
static int read_entry(struct foray__zip *zip, const unsigned char *at,
                      size_t left, uint64_t shift, size_t *used,
                      struct foray_error *err)
{
    struct foray__zip_member *member = &zip->members[zip->n];
    size_t name, extra;

    if (left < FORAY__ZIP_ENTRY_SIZE ||
        foray__get_little(at, 4) != FORAY__ZIP_ENTRY)
        return damaged(zip->path, "its directory has an entry that is none",
                       err);
    name = (size_t)foray__get_little(at + 28, 2);
    extra = (size_t)foray__get_little(at + 30, 2);
    *used = FORAY__ZIP_ENTRY_SIZE + name + extra +
            (size_t)foray__get_little(at + 32, 2);
    if (*used > left)
        return damaged(zip->path, "its directory ends inside of an entry", err);
    member->flags = (unsigned)foray__get_little(at + 8, 2);
    member->method = (unsigned)foray__get_little(at + 10, 2);
    member->crc = (uint32_t)foray__get_little(at + 16, 4);
    member->stored = foray__get_little(at + 20, 4);
    member->size = foray__get_little(at + 24, 4);
    member->local = foray__get_little(at + 42, 4);
    if (!read_extra64(member, at + FORAY__ZIP_ENTRY_SIZE + name, extra))
        return damaged(zip->path, "its directory has a bad extra field", err);
    if (member->local > zip->directory ||
        zip->directory - member->local < FORAY__ZIP_LOCAL_SIZE ||
        zip->directory - member->local < shift + FORAY__ZIP_LOCAL_SIZE ||
        member->stored > zip->directory || member->size > INT64_MAX)
        return damaged(zip->path, "its directory names places beyond its end",
                       err);
    member->local += shift;
    member->name = copy_name(at + FORAY__ZIP_ENTRY_SIZE, name);
    if (!member->name)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for the names in a "
                           "zip archive");
    zip->n++;
    return 0;
}

static int read_entries(struct foray__zip *zip, const unsigned char *bytes,
                        const struct ending *ending, struct foray_error *err)
{
    size_t room = (size_t)ending->size / FORAY__ZIP_ENTRY_SIZE + 1;
    size_t at = 0, used = 0;

    zip->members = calloc(room, sizeof *zip->members);
    if (!zip->members)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for the directory of "
                           "a zip archive");
    for (; at < ending->size; at += used) {
        zip->members[zip->n].entry = zip->directory + at;
        FORAY_TRY(read_entry(zip, bytes + at, (size_t)ending->size - at,
                             zip->directory - ending->start, &used, err));
    }
    return 0;
}

static int read_directory(struct foray__zip *zip, struct ending *ending,
                          struct foray_error *err)
{
    unsigned char *bytes;
    char tail[FORAY__TAIL_SIZE];
    int code;

    FORAY_TRY(find_end(ending, zip, err));
    FORAY_TRY(find_end64(ending, zip, err));
    if (ending->size > ending->records ||
        ending->start > ending->records - ending->size)
        return damaged(zip->path, "its directory would begin before the file",
                       err);
    if (ending->size > most_directory)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "%s: a directory of %llu bytes, more than foray "
                           "reads",
                           foray__tail(tail, zip->path),
                           (unsigned long long)ending->size);
    zip->directory = ending->records - ending->size;
    bytes = malloc((size_t)ending->size + 1);
    if (!bytes)
        return foray__fail(err, FORAY_ENOMEM, "no memory to read %s",
                           foray__tail(tail, zip->path));
    code = read_at(zip, bytes, (size_t)ending->size, zip->directory, err);
    if (!code)
        code = read_entries(zip, bytes, ending, err);
    free(bytes);
    return code;
}

int foray__zip_open(struct foray__zip *out, const char *path, bool writable,
                    struct foray_error *err)
{
    struct ending ending = {0};
    int code;

    memset(out, 0, sizeof *out);
    out->path = path;
    FORAY_TRY(foray__existing_open(&out->fd, &ending.file_size, path, writable,
                                   "a .npz file", err));
    code = read_directory(out, &ending, err);
    if (code)
        foray__zip_close(out);
    return code;
}

void foray__zip_close(struct foray__zip *zip)
{
    for (size_t i = 0; i < zip->n; i++)
        free(zip->members[i].name);
    free(zip->members);
    if (zip->fd >= 0)
        close(zip->fd);
    memset(zip, 0, sizeof *zip);
    zip->fd = -1;
}

/* Whether local header and directory agree on the name, whatever its bytes
 * mean. */
static int check_name(const struct foray__zip *zip,
                      const struct foray__zip_member *member, size_t length,
                      bool *same, struct foray_error *err)
{
    unsigned char entry[FORAY__ZIP_ENTRY_SIZE], *names = NULL;
    int code = read_at(zip, entry, sizeof entry, member->entry, err);

    *same = !code && foray__get_little(entry + 28, 2) == length;
    if (!*same || !length)
        return code;
    names = malloc(2 * length);
    if (!names)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a name");
    code = read_at(zip, names, length, member->entry + sizeof entry, err);
    if (!code)
        code = read_at(zip, names + length, length,
                       member->local + FORAY__ZIP_LOCAL_SIZE, err);
    *same = !code && !memcmp(names, names + length, length);
    free(names);
    return code;
}

int foray__zip_locate(uint64_t *offset, const struct foray__zip *zip,
                      const struct foray__zip_member *member, const char *name,
                      struct foray_error *err)
{
    unsigned char bytes[FORAY__ZIP_LOCAL_SIZE];
    bool same;

    if (member->flags & ENCRYPTED)
        return foray__fail(err, FORAY_ENOTSUP, "%s is encrypted", name);
    if (member->method != FORAY__ZIP_STORED &&
        member->method != FORAY__ZIP_DEFLATED)
        return foray__fail(err, FORAY_ENOTSUP,
                           "%s is compressed by method %u of zip: NumPy stores "
                           "(0) or deflates (8)",
                           name, member->method);
    FORAY_TRY(read_at(zip, bytes, sizeof bytes, member->local, err));
    *offset = member->local + sizeof bytes + foray__get_little(bytes + 26, 2) +
              foray__get_little(bytes + 28, 2);
    FORAY_TRY(check_name(zip, member, (size_t)foray__get_little(bytes + 26, 2),
                         &same, err));
    if (!same || foray__get_little(bytes, 4) != FORAY__ZIP_LOCAL ||
        foray__get_little(bytes + 8, 2) != member->method ||
        *offset > zip->directory || member->stored > zip->directory - *offset)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s is not where the archive's directory says",
                           name);
    if (member->method == FORAY__ZIP_STORED && member->stored != member->size)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s is not compressed, but has two sizes", name);
    return 0;
}

int foray__zip_set_crc(int fd, const struct foray__zip_member *member,
                       uint64_t offset, uint32_t crc, const char *path,
                       struct foray_error *err)
{
    uint64_t behind = offset + member->stored;
    unsigned char bytes[8];

    foray__set_little(bytes, 4, crc);
    FORAY_TRY(
        foray__file_write(fd, bytes, 4, (size_t)member->entry + 16, path, err));
    if (!(member->flags & FOLLOWED_BY_SUMS))
        return foray__file_write(fd, bytes, 4, (size_t)member->local + 14, path,
                                 err);
    /* Behind the data, maybe with a mark before it. */
    if (foray__read_at(fd, bytes + 4, 4, behind) != 4)
        return foray__fail_errno(err, errno ? errno : EIO,
                                 "cannot read the checksum of a zip archive");
    if (foray__get_little(bytes + 4, 4) == 0x08074B50)
        behind += 4;
    return foray__file_write(fd, bytes, 4, (size_t)behind, path, err);
}
