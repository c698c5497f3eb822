/* What a run over images came to, for those who want to see it: --trace and
 * --report. */
#ifndef FORAY_TOOLS_IMAGES_ACCOUNT_H
#define FORAY_TOOLS_IMAGES_ACCOUNT_H

#include <foray/map.h>

#include "images/index.h"
#include "shell/deaths.h"

struct account {
    const char *command;        /* "foray hog" */
    const char *output;         /* what it makes */
    const struct index *images; /* and what became of them */
    const size_t *where;        /* their rows of the output; NULL: 0, 1, ... */
    const struct foray_report *report;
    const struct deaths *deaths;
};

/* The row of image i. */
static inline size_t account_row(const struct account *account, size_t i)
{
    return account->where ? account->where[i] : i;
}

#endif
