#include "storage/pickle_writer.h"

#include <string.h>

#include "storage/bytes.h"

void foray__pickle_write(struct foray__pickle_writer *out, const void *bytes,
                         size_t n)
{
    if (!out->code)
        out->code = foray__output_put(out->output, bytes, n, out->err);
}

void foray__pickle_write_codes(struct foray__pickle_writer *out,
                               const char *codes)
{
    foray__pickle_write(out, codes, strlen(codes));
}

void foray__pickle_write_text_of(struct foray__pickle_writer *out,
                                 const char *text, size_t n)
{
    unsigned char head[5] = {0x8C, (unsigned char)n};

    if (n > UINT8_MAX) {
        head[0] = 'X';
        foray__set_little(head + 1, 4, n);
    }
    foray__pickle_write(out, head, n > UINT8_MAX ? 5 : 2);
    foray__pickle_write(out, text, n);
}

void foray__pickle_write_text(struct foray__pickle_writer *out,
                              const char *text)
{
    foray__pickle_write_text_of(out, text, strlen(text));
}

void foray__pickle_write_integer(struct foray__pickle_writer *out,
                                 uint64_t number)
{
    unsigned char bytes[11] = {0x8A, 9}; /* nine bytes: none is negative */

    if (number <= INT32_MAX) {
        bytes[0] = 'J';
        foray__set_little(bytes + 1, 4, number);
        foray__pickle_write(out, bytes, 5);
        return;
    }
    foray__set_little(bytes + 2, 8, number);
    foray__pickle_write(out, bytes, sizeof bytes);
}

void foray__pickle_write_name(struct foray__pickle_writer *out,
                              const char *module, const char *name)
{
    foray__pickle_write_text(out, module);
    foray__pickle_write_text(out, name);
    foray__pickle_write_codes(out, "\x93");
}
