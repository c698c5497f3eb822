/* FORAY_ONLY_TASK: one task of every run, alone in the caller's process, for a
 * debugger. */
#ifndef FORAY_ENGINE_ONLY_TASK_H
#define FORAY_ENGINE_ONLY_TASK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <foray/error.h>

#define FORAY__ONLY_TASK "FORAY_ONLY_TASK"

enum { FORAY__ALL_TASKS = -1 };

/* The task that the variable names, or ALL_TASKS. Errors: FORAY_EINVAL. */
int foray__only_task(int64_t *out, struct foray_error *err);

/* The lone task begins and ends: what it runs itself is whole. */
void foray__only_task_begin(void);
void foray__only_task_end(void);

/* End the sentence of a task's error with what runs it alone, if there is room
 * and that is not what goes on. */
void foray__only_task_hint(struct foray_error *error);

/* The length of a sentence without that end. Inline, for other libraries. */
static inline size_t foray__only_task_bare(const char *sentence)
{
    const char *hint = strstr(sentence, "; " FORAY__ONLY_TASK "=");

    return hint ? (size_t)(hint - sentence) : strlen(sentence);
}

#endif
