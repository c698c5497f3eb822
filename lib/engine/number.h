/* Numbers of values, as one type or another: a task may ask for an argument, or
 * a caller for a result, as another type than it was given as, as long as it is
 * the same number. False: there is none, or it has no counterpart. */
#ifndef FORAY_ENGINE_NUMBER_H
#define FORAY_ENGINE_NUMBER_H

#include <foray/call.h>

bool foray__value_i64(int64_t *out, struct foray_value value);
bool foray__value_u64(uint64_t *out, struct foray_value value);
bool foray__value_f64(double *out, struct foray_value value);

#endif
