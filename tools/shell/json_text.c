#include "shell/json_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Of objects in objects. */
enum { MAX_DEPTH = 32 };

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

static const char *behind_string(const char *at)
{
    if (*at++ != '"')
        return NULL;
    for (; *at != '"'; at++) {
        if ((unsigned char)*at < 0x20) /* the end, too */
            return NULL;
        if (*at == '\\' && !strchr("\"\\/bfnrtu", *++at))
            return NULL;
        if (!*at)
            return NULL;
    }
    return at + 1;
}

static const char *behind_digits(const char *at)
{
    size_t n = strspn(at, "0123456789");

    return n ? at + n : NULL;
}

static const char *behind_number(const char *at)
{
    at = behind_digits(at + (*at == '-'));
    if (at && *at == '.')
        at = behind_digits(at + 1);
    if (at && (*at == 'e' || *at == 'E')) {
        at++;
        at = behind_digits(at + (*at == '-' || *at == '+'));
    }
    return at;
}

static const char *behind_word(const char *at)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strncmp(at, words[i], strlen(words[i])))
            return at + strlen(words[i]);
    return NULL;
}

static const char *behind_value(const char *at, int depth);

/* "name": and the value. */
static const char *behind_member(const char *at, int depth)
{
    at = behind_string(at);
    at = at ? skip_space(at) : NULL;
    return at && *at == ':' ? behind_value(skip_space(at + 1), depth) : NULL;
}

static const char *behind_list(const char *at, int depth)
{
    bool is_object = *at == '{';
    char close = is_object ? '}' : ']';

    at = skip_space(at + 1);
    if (*at == close)
        return at + 1;
    for (;;) {
        at = is_object ? behind_member(at, depth) : behind_value(at, depth);
        if (!at)
            return NULL;
        at = skip_space(at);
        if (*at == close)
            return at + 1;
        if (*at != ',')
            return NULL;
        at = skip_space(at + 1);
    }
}

static const char *behind_value(const char *at, int depth)
{
    if (depth > MAX_DEPTH)
        return NULL;
    switch (*at) {
    case '{':
    case '[':
        return behind_list(at, depth + 1);
    case '"':
        return behind_string(at);
    case 't':
    case 'f':
    case 'n':
        return behind_word(at);
    default:
        return behind_number(at);
    }
}

const char *json_behind(const char *text)
{
    return behind_value(text, 0);
}

bool json_is_object(const char *text)
{
    const char *end = *text == '{' ? json_behind(text) : NULL;

    return end && !*skip_space(end);
}

const char *json_member(const char *object, const char *name)
{
    const char *at = skip_space(object + 1);

    while (*at == '"') {
        const char *behind = behind_string(at), *value;
        bool is_it = !strncmp(at + 1, name, strlen(name)) &&
                     at + 1 + strlen(name) == behind - 1;

        value = skip_space(skip_space(behind) + 1);
        if (is_it)
            return value;
        at = skip_space(json_behind(value));
        at = skip_space(at + (*at == ','));
    }
    return NULL;
}

/* Code points in UTF-8, but U+DC80..U+DCFF, which are bytes. */
static char *put_code(char *to, unsigned code)
{
    if (code < 0x80 || (code >= 0xdc80 && code <= 0xdcff)) {
        *to++ = (char)(code & 0xff);
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3f));
    } else {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    }
    return to;
}

char *json_string(const char *text)
{
    static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
    char *out = malloc(strlen(text) + 1), *to = out;
    const char *at = text + 1;

    while (out && *at && *at != '"') {
        const char *letter;
        unsigned code;

        if (*at != '\\') {
            *to++ = *at++;
        } else if (at[1] == 'u' && sscanf(at + 2, "%4x", &code) == 1) {
            to = put_code(to, code);
            at += strnlen(at, 6);
        } else {
            letter = strchr(letters, at[1]);
            *to++ = letter ? meant[letter - letters] : at[1];
            at += 2;
        }
    }
    if (out)
        *to = '\0';
    return out;
}

void json_print(FILE *file, const char *text)
{
    const char *end = json_behind(text);

    while (text && text < end) {
        const char *next = *text == '"' ? behind_string(text) : text + 1;

        if (!isspace((unsigned char)*text))
            fwrite(text, 1, (size_t)(next - text), file);
        if (*text == ',' || *text == ':')
            fputc(' ', file);
        text = next;
    }
}
