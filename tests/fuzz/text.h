/* For targets whose input is a letter, which says what it is, and a text. */
#ifndef FORAY_TESTS_FUZZ_TEXT_H
#define FORAY_TESTS_FUZZ_TEXT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <foray/error.h>

/* The text, exactly as long as its block. Owner: the caller, free(). */
static inline char *text_of(const uint8_t *bytes, size_t nbytes)
{
    char *text = strndup((const char *)bytes + 1, nbytes - 1);

    if (!text)
        abort();
    return text;
}

/* A failure has its code and a sentence. */
static inline void check_failure(int code, const struct foray_error *err)
{
    if (code != err->code || !err->msg[0])
        abort();
}

#endif
