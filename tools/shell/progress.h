/* How far a run is, on standard error: a bar on a terminal, now and then a
 * line elsewhere, JSON lines for programs. */
#ifndef FORAY_TOOLS_SHELL_PROGRESS_H
#define FORAY_TOOLS_SHELL_PROGRESS_H

#include <stdbool.h>

#include <foray/pool.h>

enum progress_mode {
    PROGRESS_AUTO,   /* a bar on a terminal; else a line at most every 30 s,
                        none for shorter runs; nothing when quiet */
    PROGRESS_ALWAYS, /* the same, also when quiet, and a last line */
    PROGRESS_NEVER,
    PROGRESS_JSON /* an object a line, at most two a second */
};

/* What task i works on, "photos/cat.jpg"; into `out` or elsewhere. */
enum { PROGRESS_NAME_SIZE = 4200 };
typedef const char *(*progress_name_fn)(char out[PROGRESS_NAME_SIZE], size_t i,
                                        const void *arg);

struct progress {
    enum progress_mode mode;
    bool bar;        /* a bar is to be drawn, not lines */
    bool drawn;      /* it stands on the terminal's last line */
    double last;     /* seconds into the run of the last line, 0 before it */
    double prepared; /* when the preparation of the run was told of last */
    progress_name_fn name; /* NULL: tasks are told by their number */
    const void *name_arg;
};

/* An option_read_fn for enum progress_mode. */
const char *progress_read_mode(void *field, const char *text);

/* "120/200, 1 failed, 640/s, 0:12 left" */
enum { PROGRESS_STATE_SIZE = 128 };
void progress_state(char out[PROGRESS_STATE_SIZE],
                    const struct foray_progress *now);

void progress_start(struct progress *progress, enum progress_mode mode,
                    bool quiet);

/* From here on tasks have names, until the next start. */
void progress_name(struct progress *progress, progress_name_fn name,
                   const void *arg);

/* "; photos/cat.jpg runs for 0:35", or "" where no task has been running for a
 * second. Returns `out`. */
enum { PROGRESS_SLOWEST_SIZE = 128 };
const char *progress_slowest(char out[PROGRESS_SLOWEST_SIZE], const char *name,
                             double seconds);

/* Seconds between calls of progress_show that make sense. */
double progress_interval(const struct progress *progress);

/* How far what comes before a run is: "headers 120000/2000000". Said where a
 * second or more has gone by, and to SIGUSR1; not to programs, which are told
 * of the run itself. */
void progress_prepare(struct progress *progress, const char *what, size_t done,
                      size_t total);

/* Take the bar away, so that words may follow. */
void progress_end(struct progress *progress);

/* A foray_progress_fn and a foray_log_fn; `arg` is the struct progress. */
void progress_show(const struct foray_progress *now, void *arg);
void progress_log(const char *sentence, void *arg);

#endif
