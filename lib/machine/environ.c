/* The environment of a worker: thread counts for what it loads later. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/runtimes.h"

extern char **environ;

static const char *const variables[] = {
    "OMP_NUM_THREADS",     "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS",
    "MKL_NUM_THREADS",     "BLIS_NUM_THREADS",     "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS",
};

enum { N_VARIABLES = sizeof variables / sizeof variables[0], ROOM = 48 };

/* Which of ours an entry "NAME=value" sets; -1: none. */
static int which(const char *entry)
{
    for (int i = 0; i < N_VARIABLES; i++) {
        size_t length = strlen(variables[i]);

        if (!strncmp(entry, variables[i], length) && entry[length] == '=')
            return i;
    }
    return -1;
}

char **foray__runtimes_environ(int nthreads, bool keep_user)
{
    bool kept[N_VARIABLES] = {false};
    char **users = environ, **block, *text;
    size_t n = 0, used = 0;

    while (users && users[n])
        n++;
    /* Pointers first, then the texts of ours. The user's entries stay where
     * they are: a child has the same memory. */
    block = malloc((n + N_VARIABLES + 1) * sizeof *block + N_VARIABLES * ROOM);
    if (!block)
        return NULL;
    text = (char *)(block + n + N_VARIABLES + 1);
    /* A thread of the host that calls unsetenv now shortens the list. */
    for (size_t k = 0; k < n && users[k]; k++) {
        int i = which(users[k]);
        bool set = i >= 0 && strchr(users[k], '=')[1]; /* not to nothing */

        if (set && keep_user)
            kept[i] = true;
        if (i < 0 || (set && keep_user))
            block[used++] = users[k];
    }
    for (int i = 0; i < N_VARIABLES; i++) {
        if (kept[i])
            continue;
        snprintf(text, ROOM, "%s=%d", variables[i], nthreads);
        block[used++] = text;
        text += ROOM;
    }
    block[used] = NULL;
    return block;
}
