/* Settings that several structs of the caller's have. 0, or FORAY_EINVAL with a
 * sentence that names the field. */
#ifndef FORAY_ENGINE_CHECKS_H
#define FORAY_ENGINE_CHECKS_H

#include <foray/pool.h>

int foray__check_on_error(enum foray_on_error on_error,
                          struct foray_error *err);
int foray__check_batch_size(int batch_size, struct foray_error *err);

#endif
