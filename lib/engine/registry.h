/* Every crew of this process, for what concerns all of them: a segment that
 * closes, and a fork by the host, whose child must not hold the lifelines of
 * workers and zygote. */
#ifndef FORAY_ENGINE_REGISTRY_H
#define FORAY_ENGINE_REGISTRY_H

#include "engine/crew.h"

/* Be there when this process forks; the first crew does it, too. */
void foray__registry_start(void);

void foray__registry_add(struct foray__crew *crew);
void foray__registry_remove(struct foray__crew *crew);

/* Hold the registry still while a crew's members change; nests. */
void foray__registry_lock(void);
void foray__registry_unlock(void);

#endif
