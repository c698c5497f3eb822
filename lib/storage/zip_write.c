#include "storage/zip_write.h"

#include <string.h>

#include "base/error.h"
#include "storage/bytes.h"
#include "storage/file.h"

/* Version 4.5 of the format has the fields of ZIP64. */
enum { PLAIN_VERSION = 20, LARGE_VERSION = 45 };

/* Bytes of extra fields. */
enum { EXTRA_HEAD = 4, LARGE_LOCAL = EXTRA_HEAD + 16 };

enum { NAME_IS_UTF8 = 1 << 11, JANUARY_1980 = 0x21, UNIX = 3 };

/* Readers pass over fields they do not know; this one's is Android's, for the
 * same purpose. */
enum { PADDING_FIELD = 0xD935, LEAST_PADDING = EXTRA_HEAD + 2 };

static size_t local_size(const struct foray__zip_written *member)
{
    return FORAY__ZIP_LOCAL_SIZE + strlen(member->name) +
           (member->is_large ? LARGE_LOCAL : 0) + member->padding;
}

uint64_t foray__zip_place(struct foray__zip_written *member, uint64_t at)
{
    size_t past;

    member->local = at;
    member->padding = 0;
    past = (at + local_size(member)) % FORAY__ZIP_ALIGN;
    if (!member->is_deflated && past) {
        member->padding = FORAY__ZIP_ALIGN - past;
        if (member->padding < LEAST_PADDING)
            member->padding += FORAY__ZIP_ALIGN;
    }
    return at + local_size(member);
}

static size_t put_number(unsigned char *bytes, size_t at, size_t n,
                         uint64_t value)
{
    foray__set_little(bytes + at, n, value);
    return at + n;
}

/* What local header and directory have in common, from the version to the
 * checksum. */
static size_t put_common(unsigned char *bytes, size_t at,
                         const struct foray__zip_written *member)
{
    bool is_ascii = true;

    for (const char *c = member->name; *c; c++)
        is_ascii &= (unsigned char)*c < 0x80;
    at = put_number(bytes, at, 2,
                    member->is_large ? LARGE_VERSION : PLAIN_VERSION);
    at = put_number(bytes, at, 2, is_ascii ? 0 : NAME_IS_UTF8);
    at = put_number(bytes, at, 2,
                    member->is_deflated ? FORAY__ZIP_DEFLATED
                                        : FORAY__ZIP_STORED);
    at = put_number(bytes, at, 2, 0);
    at = put_number(bytes, at, 2, JANUARY_1980); /* as NumPy */
    at = put_number(bytes, at, 4, member->crc);
    at = put_number(bytes, at, 4,
                    member->is_large ? UINT32_MAX : member->stored);
    return put_number(bytes, at, 4,
                      member->is_large ? UINT32_MAX : member->size);
}

int foray__zip_put_local(int fd, const struct foray__zip_written *member,
                         const char *name, struct foray_error *err)
{
    unsigned char bytes[FORAY__ZIP_LOCAL_SIZE + FORAY__ZIP_LONGEST_NAME + 8 +
                        LARGE_LOCAL + 2 * FORAY__ZIP_ALIGN] = {0};
    size_t length = strlen(member->name), at;

    put_number(bytes, 0, 4, FORAY__ZIP_LOCAL);
    at = put_common(bytes, 4, member);
    at = put_number(bytes, at, 2, length);
    at = put_number(bytes, at, 2,
                    (member->is_large ? LARGE_LOCAL : 0) + member->padding);
    memcpy(bytes + at, member->name, length);
    at += length;
    if (member->is_large) {
        at = put_number(bytes, at, 2, 1);
        at = put_number(bytes, at, 2, LARGE_LOCAL - EXTRA_HEAD);
        at = put_number(bytes, at, 8, member->size);
        at = put_number(bytes, at, 8, member->stored);
    }
    if (member->padding) {
        at = put_number(bytes, at, 2, PADDING_FIELD);
        at = put_number(bytes, at, 2, member->padding - EXTRA_HEAD);
        put_number(bytes, at, 2, FORAY__ZIP_ALIGN);
    }
    return foray__file_write(fd, bytes, local_size(member),
                             (size_t)member->local, name, err);
}

int foray__zip_put_entry(struct foray__output *output,
                         const struct foray__zip_written *member,
                         struct foray_error *err)
{
    unsigned char bytes[FORAY__ZIP_ENTRY_SIZE] = {0}, extra[EXTRA_HEAD + 24];
    bool is_far = member->local > FORAY__ZIP_MOST32;
    size_t length = strlen(member->name), n = EXTRA_HEAD, at;

    if (member->is_large) {
        n = put_number(extra, n, 8, member->size);
        n = put_number(extra, n, 8, member->stored);
    }
    if (is_far)
        n = put_number(extra, n, 8, member->local);
    put_number(extra, 0, 2, 1);
    put_number(extra, 2, 2, n - EXTRA_HEAD);
    n = n > EXTRA_HEAD ? n : 0;

    put_number(bytes, 0, 4, FORAY__ZIP_ENTRY);
    put_number(bytes, 4, 2,
               UNIX << 8 | (is_far ? LARGE_VERSION : PLAIN_VERSION));
    at = put_common(bytes, 6, member);
    at = put_number(bytes, at, 2, length);
    put_number(bytes, at, 2, n);
    put_number(bytes, 38, 4, (uint64_t)0600 << 16);
    put_number(bytes, 42, 4, is_far ? UINT32_MAX : member->local);
    FORAY_TRY(foray__output_put(output, bytes, sizeof bytes, err));
    FORAY_TRY(foray__output_put(output, member->name, length, err));
    return foray__output_put(output, extra, n, err);
}

int foray__zip_put_end(struct foray__output *output, uint64_t start, size_t n,
                       struct foray_error *err)
{
    unsigned char bytes[FORAY__ZIP_END64_SIZE + FORAY__ZIP_LOCATOR64_SIZE +
                        FORAY__ZIP_END_SIZE] = {0};
    uint64_t end = start + output->position, size = output->position;
    unsigned char *at = bytes;

    if (n >= UINT16_MAX || start > FORAY__ZIP_MOST32 ||
        size > FORAY__ZIP_MOST32) {
        put_number(at, 0, 4, FORAY__ZIP_END64);
        put_number(at, 4, 8, FORAY__ZIP_END64_SIZE - 12);
        put_number(at, 12, 2, LARGE_VERSION);
        put_number(at, 14, 2, LARGE_VERSION);
        put_number(at, 24, 8, n);
        put_number(at, 32, 8, n);
        put_number(at, 40, 8, size);
        put_number(at, 48, 8, start);
        at += FORAY__ZIP_END64_SIZE;
        put_number(at, 0, 4, FORAY__ZIP_LOCATOR64);
        put_number(at, 8, 8, end);
        put_number(at, 16, 4, 1);
        at += FORAY__ZIP_LOCATOR64_SIZE;
    }
    put_number(at, 0, 4, FORAY__ZIP_END);
    put_number(at, 8, 2, n < UINT16_MAX ? n : UINT16_MAX);
    put_number(at, 10, 2, n < UINT16_MAX ? n : UINT16_MAX);
    put_number(at, 12, 4, size > FORAY__ZIP_MOST32 ? UINT32_MAX : size);
    put_number(at, 16, 4, start > FORAY__ZIP_MOST32 ? UINT32_MAX : start);
    at += FORAY__ZIP_END_SIZE;
    return foray__output_put(output, bytes, (size_t)(at - bytes), err);
}
