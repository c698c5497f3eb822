#include "storage/tar_header.h"

#include <string.h>

#include "storage/tar.h"

bool foray__tar_number(uint64_t *out, const unsigned char *field, size_t n)
{
    uint64_t value = 0;
    size_t i = 0;

    if (field[0] & 0x80) {
        value = field[0] & 0x7f;
        for (i = 1; i < n && value <= INT64_MAX >> 8; i++)
            value = value << 8 | field[i];
        *out = value;
        return i == n && !(field[0] & 0x40);
    }
    while (i < n && field[i] == ' ')
        i++;
    for (; i < n && field[i] >= '0' && field[i] <= '7'; i++) {
        if (value > INT64_MAX >> 3)
            return false;
        value = value << 3 | (uint64_t)(field[i] - '0');
    }
    *out = value;
    return i == n || !field[i] || field[i] == ' ';
}

bool foray__tar_has_sum(const unsigned char *header)
{
    uint64_t wanted;
    uint32_t sum = 0;
    int32_t old = 0;

    for (size_t i = 0; i < FORAY__TAR_BLOCK; i++) {
        unsigned char byte =
            i >= FORAY__TAR_SUM && i < FORAY__TAR_TYPE ? ' ' : header[i];

        sum += byte;
        old += byte < 0x80 ? byte : byte - 0x100;
    }
    return foray__tar_number(&wanted, header + FORAY__TAR_SUM,
                             FORAY__TAR_TYPE - FORAY__TAR_SUM) &&
           (wanted == sum || (old >= 0 && wanted == (uint64_t)old));
}

bool foray__tar_is_zero(const unsigned char *header)
{
    for (size_t i = 0; i < FORAY__TAR_BLOCK; i++)
        if (header[i])
            return false;
    return true;
}

const char *foray__tar_compression(const unsigned char *header)
{
    static const struct {
        const char *bytes, *name;
    } known[] = {{"\x1f\x8b", "gzip"},        {"BZh", "bzip2"},
                 {"\xfd\x37zXZ", "xz"},       {"\x28\xb5\x2f\xfd", "zstd"},
                 {"\x04\x22\x4d\x18", "lz4"}, {"\x1f\x9d", "compress"}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!memcmp(header, known[i].bytes, strlen(known[i].bytes)))
            return known[i].name;
    return NULL;
}
