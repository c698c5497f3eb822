/* SHA-256 (FIPS 180-4): names for contents that nobody can choose. */
#ifndef FORAY_BASE_SHA256_H
#define FORAY_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct foray__sha256 {
    uint32_t state[8];
    uint64_t nbytes;
    unsigned char block[64];
};

void foray__sha256_init(struct foray__sha256 *sha);
void foray__sha256_add(struct foray__sha256 *sha, const void *bytes, size_t n);

/* A string with its end, so that two of them are not one longer. */
void foray__sha256_add_text(struct foray__sha256 *sha, const char *text);

/* The digest in hexadecimal digits; `sha` is used up. */
enum { FORAY__SHA256_TEXT = 65 };
void foray__sha256_text(char out[FORAY__SHA256_TEXT],
                        struct foray__sha256 *sha);

#endif
