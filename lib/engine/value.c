/* Values and calls, as the caller makes them. */
#include <foray/call.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct foray_value foray_value_none(void)
{
    return (struct foray_value){.kind = FORAY_KIND_NONE};
}

struct foray_value foray_value_bool(bool x)
{
    return (struct foray_value){.kind = FORAY_KIND_BOOL, .as.b = x};
}

struct foray_value foray_value_i64(int64_t x)
{
    return (struct foray_value){.kind = FORAY_KIND_I64, .as.i = x};
}

struct foray_value foray_value_u64(uint64_t x)
{
    return (struct foray_value){.kind = FORAY_KIND_U64, .as.u = x};
}

struct foray_value foray_value_f64(double x)
{
    return (struct foray_value){.kind = FORAY_KIND_F64, .as.f = x};
}

struct foray_value foray_value_c128(double re, double im)
{
    return (struct foray_value){.kind = FORAY_KIND_C128, .as.c = {re, im}};
}

struct foray_value foray_value_str(const char *text)
{
    if (!text)
        return foray_value_none();
    return (struct foray_value){.kind = FORAY_KIND_STR,
                                .as.bytes = {text, strlen(text)}};
}

struct foray_value foray_value_bytes(struct foray_bytes bytes)
{
    return (struct foray_value){.kind = FORAY_KIND_BYTES, .as.bytes = bytes};
}

struct foray_value foray_value_array(const struct foray_array *array)
{
    if (!array)
        return foray_value_none();
    return (struct foray_value){.kind = FORAY_KIND_ARRAY, .as.array = array};
}

struct foray_value foray_value_pointer(const void *pointer)
{
    if (!pointer)
        return foray_value_none();
    return (struct foray_value){.kind = FORAY_KIND_POINTER};
}

struct foray_call foray_call_of(const char *name, foray_task_fn fn, size_t n,
                                const struct foray_value *values)
{
    struct foray_call call; /* what is behind the n-th is nobody's concern */

    call.fn = fn;
    call.name = name;
    call.n = n;
    for (size_t k = 0; k < n && k < FORAY_MAX_ARGUMENTS; k++)
        call.args[k] = values[k];
    return call;
}

/* Text that ends where the room does. */
struct text {
    char *at, *end;
};

FORAY_PRINTF(2, 3)
static void add(struct text *text, const char *fmt, ...)
{
    size_t room = (size_t)(text->end - text->at);
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(text->at, room, fmt, args);
    va_end(args);
    if (n > 0)
        text->at += (size_t)n < room ? (size_t)n : room - 1;
}

/* The tail of a long string tells more: of a path it is the name. */
static void add_string(struct text *text, struct foray_bytes bytes)
{
    enum { SHOWN = 60 };
    const char *data = bytes.data;
    size_t skipped = bytes.size > SHOWN ? bytes.size - SHOWN : 0;

    if (!data) {
        add(text, "a string of %zu bytes", bytes.size);
        return;
    }
    add(text, "\"%s", skipped ? "..." : "");
    for (size_t i = skipped; i < bytes.size; i++)
        add(text, (unsigned char)data[i] < ' ' ? "\\x%02x" : "%c",
            (unsigned char)data[i]);
    add(text, "\"");
}

static void add_array(struct text *text, const struct foray_array *array)
{
    add(text, "%s[", foray_dtype_name(array->dtype));
    for (int k = 0; k < array->ndim; k++)
        add(text, "%s%zu", k ? "," : "", array->shape[k]);
    add(text, "]");
}

static void add_value(struct text *text, const struct foray_value *value)
{
    switch (value->kind) {
    case FORAY_KIND_NONE:
        add(text, "NULL");
        break;
    case FORAY_KIND_BOOL:
        add(text, value->as.b ? "true" : "false");
        break;
    case FORAY_KIND_I64:
        add(text, "%" PRId64, value->as.i);
        break;
    case FORAY_KIND_U64:
        add(text, "%" PRIu64, value->as.u);
        break;
    case FORAY_KIND_F64:
        add(text, "%.15g", value->as.f);
        break;
    case FORAY_KIND_C128:
        add(text, "%.15g%+.15gi", value->as.c[0], value->as.c[1]);
        break;
    case FORAY_KIND_STR:
        add_string(text, value->as.bytes);
        break;
    case FORAY_KIND_BYTES:
        add(text, "%zu bytes", value->as.bytes.size);
        break;
    case FORAY_KIND_ARRAY:
        add_array(text, value->as.array);
        break;
    case FORAY_KIND_POINTER:
        add(text, "a pointer");
        break;
    }
}

char *foray_call_text(char *out, size_t size, const struct foray_call *call)
{
    struct text text = {out, out + size};

    if (!size)
        return out;
    *out = '\0';
    add(&text, "%s(", call->name ? call->name : "call");
    for (size_t k = 0; k < call->n && k < FORAY_MAX_ARGUMENTS; k++) {
        add(&text, "%s", k ? ", " : "");
        add_value(&text, &call->args[k]);
    }
    add(&text, ")");
    return out;
}
