#include "engine/call_packet.h"

int foray__call_packet_write(struct foray__bytes *out, size_t *at,
                             const struct foray_call *call,
                             const struct foray__function *function,
                             const struct foray__placer *placer,
                             struct foray_error *err)
{
    size_t before = out->size;
    struct foray__packet *packet;
    int code = foray__packet_write(out, at, call->n, call->args, placer, err);

    if (!code && function && function->by_file)
        code = foray__packet_append(out, *at, function,
                                    foray__function_size(function), err);
    if (code) {
        out->size = before;
        return code;
    }
    packet = (void *)(out->data + *at);
    packet->fn = (uint64_t)(uintptr_t)call->fn;
    packet->name = (uint64_t)(uintptr_t)call->name;
    return 0;
}

foray_task_fn foray__call_packet_fn(const struct foray__packet *packet)
{
    return (foray_task_fn)(uintptr_t)packet->fn;
}

const struct foray__function *
foray__call_packet_function(const struct foray__packet *packet)
{
    if (!packet->fn_file)
        return NULL;
    return (const void *)((const char *)packet + packet->fn_file);
}
