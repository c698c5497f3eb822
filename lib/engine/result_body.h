/* What a result keeps beside its plain fields. */
#ifndef FORAY_ENGINE_RESULT_BODY_H
#define FORAY_ENGINE_RESULT_BODY_H

#include <foray/result.h>

#include "engine/capture.h"
#include "engine/packet.h"

struct foray_result_memory {
    struct foray_error error;           /* code 0: none */
    const struct foray__packet *packet; /* NULL: none */
    struct foray__output output;
    struct foray_array *arrays; /* packet->n of them, where a value is
                                   an array or placed bytes */
    char bytes[];               /* of both */
};

/* Memory for a copy of `packet` (NULL: none), arrays empty. NULL when there is
 * none. */
struct foray_result_memory *
foray__result_memory_new(const struct foray__packet *packet);

/* Bytes of this process's memory that a result takes, about. */
size_t foray__result_nbytes(const struct foray_result *result);

/* A failed result, its index and worker set. */
void foray__result_fail(struct foray_result *out,
                        const struct foray_error *error,
                        enum foray_status status);

/* What a call returned: values from its packet. Arrays in segments are left
 * empty in out->memory->arrays. false when out of memory. */
bool foray__result_fill(struct foray_result *out,
                        const struct foray__packet *packet);

/* Move what a call printed into its result. */
void foray__result_output(struct foray_result *result,
                          struct foray__output *output);

#endif
