/* Control groups (version 1) below the one of this process, for its children:
 * limits that no process can lift. */
#ifndef FORAY_TESTS_CONTROL_GROUP_H
#define FORAY_TESTS_CONTROL_GROUP_H

#include <stdbool.h>
#include <stddef.h>

/* Whether there can be one with this controller; else why not. */
bool control_group_can(const char *controller, char reason[128]);

/* This process moves into a new group with a limit. */
bool control_group_enter(const char *controller, const char *limit,
                         size_t value);

/* Take away those of this campaign, whose processes have ended. */
void control_groups_remove(const char *controller);

#endif
