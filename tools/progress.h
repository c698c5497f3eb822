/* How far a run is, on standard error: a bar on a terminal, now and then a
 * line elsewhere, JSON lines for programs. */
#ifndef FORAY_TOOLS_PROGRESS_H
#define FORAY_TOOLS_PROGRESS_H

#include <stdbool.h>

#include <foray/pool.h>

enum progress_mode {
    PROGRESS_AUTO,   /* a bar on a terminal; else a line at most every 30 s,
                        none for shorter runs; nothing when quiet */
    PROGRESS_ALWAYS, /* the same, also when quiet, and a last line */
    PROGRESS_NEVER,
    PROGRESS_JSON /* an object a line, at most two a second */
};

struct progress {
    enum progress_mode mode;
    bool bar;    /* a bar is to be drawn, not lines */
    bool drawn;  /* it stands on the terminal's last line */
    double last; /* seconds into the run of the last line, 0 before it */
};

/* An option_read_fn for enum progress_mode. */
const char *progress_read_mode(void *field, const char *text);

/* "120/200, 1 failed, 640/s, 0:12 left" */
enum { PROGRESS_STATE_SIZE = 128 };
void progress_state(char out[PROGRESS_STATE_SIZE],
                    const struct foray_progress *now);

void progress_start(struct progress *progress, enum progress_mode mode,
                    bool quiet);

/* Seconds between calls of progress_show that make sense. */
double progress_interval(const struct progress *progress);

/* Take the bar away, so that words may follow. */
void progress_end(struct progress *progress);

/* A foray_progress_fn and a foray_log_fn; `arg` is the struct progress. */
void progress_show(const struct foray_progress *now, void *arg);
void progress_log(const char *sentence, void *arg);

#endif
