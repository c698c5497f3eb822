/* Which process made a handle. */
#ifndef FORAY_BASE_PROCESS_H
#define FORAY_BASE_PROCESS_H

#include <sys/types.h>

#include "base/error.h"

/* 0 if this process is `maker`, else FORAY_EFORK with a sentence that names
 * `object` ("the array x.npy"). */
int foray__check_process(pid_t maker, const char *object,
                         struct foray_error *err);

#endif
