/* What a dead worker died of, in one sentence. */
#ifndef FORAY_ENGINE_DEATH_H
#define FORAY_ENGINE_DEATH_H

#include "engine/shared.h"
#include "engine/struck.h"

/* What the kernel did to it that it could not say itself: a deadline that it
 * missed, `timeout` seconds after its task began, or a kill for lack of memory.
 * `status` is its wait status, -1: unknown. */
void foray__death_own_word(struct foray__slot *slot, double timeout,
                           int status);

/* It is to be killed for a timeout that its timer does not hold. */
void foray__death_by_timeout(struct foray__slot *slot, double timeout);

/* Fill `out` for the death of the worker in `slot` while it ran `task`:
 * FORAY_ECRASH, or FORAY_EEXIT. `cause` is its own word, `status` the wait
 * status or -1 when the host took it, `struck` what its cause->arg is, NULL:
 * no array. */
void foray__death_describe(struct foray_error *out,
                           const struct foray__struck *struck,
                           const struct foray__cause *cause, int status,
                           int slot, uint64_t task);

/* Fill `out` for a dead worker if its init is to blame: 0, or the code.
 * `status` is its wait status. One that was killed there from outside may be
 * replaced. */
int foray__death_in_init(struct foray_error *out,
                         const struct foray__slot *shared, int status,
                         int slot);

#endif
