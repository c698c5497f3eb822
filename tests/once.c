#include "once.h"

#include <stdlib.h>

#include "helpers.h"
#include "mapping.h"

void configure_once(const struct backend *backend, const char *mode)
{
    struct foray_config config = {.backend = backend->name,
                                  .n_jobs = 3,
                                  .mmap_mode = mode,
                                  .on_error = FORAY_SKIP,
                                  .temp_folder = test_folder()};
    struct foray_error err;

    assert_ok(foray_config_push(&config, &err), err);
}

struct foray_array private_ones(void)
{
    size_t length = ONCE_LENGTH;
    double *numbers = malloc(length * sizeof *numbers);

    assert_non_null(numbers);
    for (size_t i = 0; i < length; i++)
        numbers[i] = 1;
    return wrap(numbers, FORAY_F64, 1, &length);
}
