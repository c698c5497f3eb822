/* Source: TIFF 6.0, section 2, which CIPA DC-008 (Exif 2.32), 4.6.2 repeats;
 * BigTIFF as libtiff writes it. */
#include "image/ifd.h"

#include "base/error.h"

enum { MAGIC = 42, MAGIC_BIG = 43 };
enum { TYPE_BYTE = 1, TYPE_SHORT = 3, TYPE_LONG = 4, TYPE_LONG8 = 16 };

/* A number of n bytes at an offset of the block. */
static int read_at(uint64_t *out, const struct foray__ifd *ifd, uint64_t offset,
                   size_t n, struct foray_error *err)
{
    const uint8_t *bytes;

    if (offset > ifd->nbytes || n > ifd->nbytes - offset)
        return foray__source_fail(ifd->source, err, FORAY_ETRUNCATED,
                                  "the file ends in its header, after %llu "
                                  "bytes",
                                  (unsigned long long)ifd->source->size);
    FORAY_TRY(
        foray__source_at(ifd->source, &bytes, ifd->start + offset, n, err));
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out << 8 | bytes[ifd->big_endian ? i : n - 1 - i];
    return 0;
}

static int read_order(struct foray__ifd *ifd, struct foray_error *err)
{
    uint64_t order, magic;

    ifd->big_endian = true;
    FORAY_TRY(read_at(&order, ifd, 0, 2, err));
    ifd->big_endian = order == 0x4d4d;
    FORAY_TRY(read_at(&magic, ifd, 2, 2, err));
    ifd->is_big = magic == MAGIC_BIG;
    if ((order == 0x4d4d || order == 0x4949) &&
        (magic == MAGIC || magic == MAGIC_BIG))
        return 0;
    return foray__source_fail(ifd->source, err, FORAY_EFORMAT,
                              "damaged TIFF: no byte order");
}

int foray__ifd_open(struct foray__ifd *out, struct foray__source *source,
                    uint64_t start, uint64_t nbytes, struct foray_error *err)
{
    uint64_t directory;

    *out =
        (struct foray__ifd){.source = source, .start = start, .nbytes = nbytes};
    FORAY_TRY(read_order(out, err));
    FORAY_TRY(read_at(&directory, out, out->is_big ? 8 : 4, out->is_big ? 8 : 4,
                      err));
    FORAY_TRY(read_at(&out->n, out, directory, out->is_big ? 8 : 2, err));
    out->first = directory + (out->is_big ? 8 : 2);
    return 0;
}

/* Bytes of a value of a type, 0 when the type is not known. */
static uint64_t size_of(uint32_t type)
{
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4,
                                    8, 4, 8, 4, 0, 0, 8, 8, 8};

    return type < sizeof sizes ? sizes[type] : 0;
}

int foray__ifd_field(struct foray__ifd_field *out, const struct foray__ifd *ifd,
                     uint64_t i, struct foray_error *err)
{
    size_t word = ifd->is_big ? 8 : 4; /* an offset or a count */
    uint64_t at = ifd->first + i * (4 + 2 * word), tag, type;

    FORAY_TRY(read_at(&tag, ifd, at, 2, err));
    FORAY_TRY(read_at(&type, ifd, at + 2, 2, err));
    FORAY_TRY(read_at(&out->count, ifd, at + 4, word, err));
    out->tag = (uint32_t)tag;
    out->type = (uint32_t)type;
    out->values = at + 4 + word;
    /* Those that are longer than an offset are where it says. */
    if (size_of(out->type) && out->count > word / size_of(out->type))
        return read_at(&out->values, ifd, at + 4 + word, word, err);
    return 0;
}

int foray__ifd_number(uint64_t *out, const struct foray__ifd *ifd,
                      const struct foray__ifd_field *field, uint64_t k,
                      struct foray_error *err)
{
    size_t size = (size_t)size_of(field->type);

    if (k >= field->count ||
        (field->type != TYPE_BYTE && field->type != TYPE_SHORT &&
         field->type != TYPE_LONG && field->type != TYPE_LONG8))
        return foray__source_fail(ifd->source, err, FORAY_EFORMAT,
                                  "damaged TIFF: field %u is no number",
                                  field->tag);
    if (k > (UINT64_MAX - field->values) / size) /* beyond any file */
        return foray__source_fail(ifd->source, err, FORAY_ETRUNCATED,
                                  "the file ends in its header");
    return read_at(out, ifd, field->values + k * size, size, err);
}

int foray__ifd_check(const struct foray__ifd *ifd,
                     const struct foray__ifd_field *field,
                     struct foray_error *err)
{
    uint64_t size = size_of(field->type);

    if (field->values <= ifd->nbytes &&
        (!size || field->count <= (ifd->nbytes - field->values) / size))
        return 0;
    return foray__source_fail(ifd->source, err, FORAY_ETRUNCATED,
                              "the file ends before the values of its field "
                              "%u",
                              field->tag);
}
