/* A run as trace events: JSON that Perfetto and chrome://tracing open. A row is
 * a worker, an event an image; deaths of workers are instants. */
#ifndef FORAY_TOOLS_REPORT_TRACE_H
#define FORAY_TOOLS_REPORT_TRACE_H

#include <stdio.h>

#include "data/companion.h"
#include "images/account.h"

/* Viewers become slow above it. */
enum { TRACE_MOST = 1000000 };

/* Which images are shown, where they are too many. */
struct trace_choice {
    size_t images;  /* that this run began */
    size_t shown;   /* of these */
    size_t every;   /* of those that are not shown anyway, the first, and so
                       on; 1: all */
    double slowest; /* shown anyway: those that took longer, seconds, */
    bool failed;    /* and those that failed, */
};

/* Choose at most `most` events. Returns 0, or -1 when there is no memory. */
int trace_choose(struct trace_choice *out, const struct account *account,
                 size_t most);

/* Write all that were chosen. */
void trace_write(FILE *file, const struct account *account,
                 const struct trace_choice *choice);

/* Write them, at most TRACE_MOST, say which if those are not all, and give the
 * file its name. Returns 0, or -1 after a message. */
int trace_commit(struct companion *file, const struct account *account);

#endif
