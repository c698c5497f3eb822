/* Tasks that are calls: their arguments, and what they return. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/inherited.h"
#include "engine/number.h"
#include "engine/purse.h"
#include "engine/task_body.h"
#include "storage/segment.h"

static void end_call(struct foray_task *task)
{
    for (int k = 0; k < FORAY_MAX_ARGUMENTS; k++)
        if (task->opened & 1u << k) {
            free(task->copies[k]);
            task->copies[k] = NULL;
        }
    task->opened = 0;
}

int foray__call_run(struct foray_task *task, size_t index, foray_task_fn fn,
                    const struct foray__packet *packet)
{
    uint64_t outer;
    int code;

    task->index = index;
    task->block.rows[0] = (struct foray_slice){index, index + 1};
    task->call = packet;
    task->failed = false;
    task->saw_end = false;
    task->has_returned = false;
    task->returned.size = 0;
    outer = foray__segment_call_begin();
    code = foray__task_verdict(task, fn(task));
    foray__segment_call_end(outer);
    if (task->purse)
        foray__purse_end_task(task->purse);
    if (task->opened)
        end_call(task);
    return code;
}

const struct foray__packet *foray__call_returned(const struct foray_task *task)
{
    static const struct foray__packet nothing = {.size = sizeof nothing};

    return task->has_returned ? (const void *)task->returned.data : &nothing;
}

size_t foray_task_n_args(const struct foray_task *task)
{
    return task->call ? task->call->n : 0;
}

enum foray_kind foray_task_kind(const struct foray_task *task, int k)
{
    if (k < 0 || (size_t)k >= foray_task_n_args(task))
        return FORAY_KIND_NONE;
    return (enum foray_kind)task->call->values[k].kind;
}

/* Argument k; NONE, and the task fails, when it is not there. */
static struct foray_value get(struct foray_task *task, int k)
{
    size_t n = foray_task_n_args(task);

    if (k >= 0 && (size_t)k < n)
        return foray__packet_get(task->call, (size_t)k);
    foray_task_fail(task, "the task asked for argument %d, but has %zu", k, n);
    return foray_value_none();
}

static void fail_kind(struct foray_task *task, int k, const char *wanted)
{
    static const char *const names[] = {
        "NULL",     "a bool",    "a signed integer", "an unsigned integer",
        "a double", "a complex", "a string",         "bytes",
        "an array", "a pointer"};

    foray_task_fail(task, "argument %d is %s, and the task asked for %s", k,
                    names[foray_task_kind(task, k)], wanted);
}

bool foray_task_bool(struct foray_task *task, int k)
{
    int64_t number = 0;

    if (!foray__value_i64(&number, get(task, k)) || (number & ~INT64_C(1)))
        fail_kind(task, k, "a bool");
    return number == 1;
}

int64_t foray_task_i64(struct foray_task *task, int k)
{
    int64_t number = 0;

    if (!foray__value_i64(&number, get(task, k)))
        fail_kind(task, k, "a signed integer that holds it");
    return number;
}

uint64_t foray_task_u64(struct foray_task *task, int k)
{
    uint64_t number = 0;

    if (!foray__value_u64(&number, get(task, k)))
        fail_kind(task, k, "an unsigned integer that holds it");
    return number;
}

double foray_task_f64(struct foray_task *task, int k)
{
    double number = 0;

    if (foray__value_f64(&number, get(task, k)))
        return number;
    fail_kind(task, k, "a double that holds it");
    return 0;
}

struct foray_value foray_task_c128(struct foray_task *task, int k)
{
    struct foray_value value = get(task, k);
    double real = 0;

    if (value.kind == FORAY_KIND_C128)
        return value;
    if (!foray__value_f64(&real, value)) {
        fail_kind(task, k, "a complex number");
        real = 0;
    }
    return foray_value_c128(real, 0);
}

/* Array k, or the bytes of a long string, in the mode it was passed in. */
static const struct foray_array *open_array(struct foray_task *task, int k)
{
    const struct foray__packet_array *from =
        foray__packet_array_of(task->call, (size_t)k);
    struct foray_array *view = &task->views[k];
    const void *base = task->call;

    if (task->opened & 1u << k)
        return view;
    if (from->segment == FORAY__INHERITED || from->segment == FORAY__HERE) {
        foray__packet_array_open(view, from, NULL);
        if (from->segment == FORAY__INHERITED)
            foray__inherited_protect(view);
        task->opened |= 1u << k;
        return view;
    }
    if (from->segment)
        base = task->office->base(from, task->office->arg);
    if (!base) {
        foray_task_fail(task,
                        "argument %d cannot be mapped: too little memory "
                        "or too many open files",
                        k);
        return NULL;
    }
    foray__packet_array_open(view, from, base);
    if (!from->segment && view->mode != FORAY_READ) {
        size_t nbytes = foray_array_nbytes(view);
        void *copy = NULL;

        if (posix_memalign(&copy, 64, nbytes ? nbytes : 1)) {
            foray_task_fail(task, "no memory for a copy of argument %d", k);
            return NULL;
        }
        memcpy(copy, view->data, nbytes);
        view->data = task->copies[k] = copy;
    }
    task->opened |= 1u << k;
    return view;
}

static struct foray_bytes get_bytes(struct foray_task *task, int k,
                                    struct foray_value value)
{
    const struct foray_array *array;

    if (!value.as.bytes.data && value.as.bytes.size) {
        array = open_array(task, k);
        value.as.bytes.data = array ? array->data : NULL;
        value.as.bytes.size = array ? value.as.bytes.size : 0;
    }
    return value.as.bytes;
}

const char *foray_task_str(struct foray_task *task, int k)
{
    struct foray_value value = get(task, k);

    if (value.kind == FORAY_KIND_STR)
        return get_bytes(task, k, value).data;
    if (value.kind != FORAY_KIND_NONE)
        fail_kind(task, k, "a string");
    return NULL;
}

struct foray_bytes foray_task_bytes(struct foray_task *task, int k)
{
    struct foray_value value = get(task, k);

    if (value.kind == FORAY_KIND_BYTES || value.kind == FORAY_KIND_STR)
        return get_bytes(task, k, value);
    if (value.kind != FORAY_KIND_NONE)
        fail_kind(task, k, "bytes");
    return (struct foray_bytes){NULL, 0};
}

const struct foray_array *foray_task_array(struct foray_task *task, int k)
{
    struct foray_value value = get(task, k);

    if (value.kind == FORAY_KIND_ARRAY)
        return open_array(task, k);
    if (value.kind != FORAY_KIND_NONE)
        fail_kind(task, k, "an array");
    return NULL;
}

int foray_return_values(struct foray_task *task, size_t n,
                        const struct foray_value *values)
{
    struct foray_error err;
    size_t at;
    int code;

    if (!task->call)
        return foray_task_fail(task,
                               "foray_return is for calls: in foray_map and "
                               "foray_for a task writes its outputs");
    if (task->has_returned)
        return foray_task_fail(task, "the task returned values twice");
    code = foray__packet_write(&task->returned, &at, n, values,
                               &task->office->placer, &err);
    if (code)
        return foray_task_raise(task, &err);
    task->has_returned = true;
    return 0;
}
