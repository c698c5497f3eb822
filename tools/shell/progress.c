#include "shell/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "shell/beacon.h"
#include "shell/clock.h"
#include "shell/message.h"
#include "shell/stop.h"
#include "shell/values.h"

static const double line_seconds = 30;

const char *progress_read_mode(void *field, const char *text)
{
    static const char *const words[] = {"auto", "always", "never", "json",
                                        NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be auto, always, never or json";
    *(enum progress_mode *)field = (enum progress_mode)i;
    return NULL;
}

void progress_start(struct progress *progress, enum progress_mode mode,
                    bool quiet)
{
    memset(progress, 0, sizeof *progress);
    progress->prepared = clock_now();
    progress->mode = mode == PROGRESS_AUTO && quiet ? PROGRESS_NEVER : mode;
    progress->bar = progress->mode <= PROGRESS_ALWAYS && isatty(STDERR_FILENO);
}

void progress_name(struct progress *progress, progress_name_fn name,
                   const void *arg)
{
    progress->name = name;
    progress->name_arg = arg;
}

double progress_interval(const struct progress *progress)
{
    return progress->bar ? 0.1 : 0.5;
}

static int terminal_columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
        return 80;
    return size.ws_col;
}

/* "1:02:03", or "?" for an unknown time. */
static void print_time(char *out, size_t size, double seconds)
{
    unsigned long s = (unsigned long)(seconds + 0.5);

    if (seconds < 0 || seconds > 1e8)
        snprintf(out, size, "?");
    else if (s >= 3600)
        snprintf(out, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, size, "%lu:%02lu", s / 60, s % 60);
}

void progress_state(char out[PROGRESS_STATE_SIZE],
                    const struct foray_progress *now)
{
    char failed[40] = "", left[24];

    if (now->failed)
        snprintf(failed, sizeof failed, ", %zu failed", now->failed);
    print_time(left, sizeof left, now->remaining);
    snprintf(out, PROGRESS_STATE_SIZE, "%zu/%zu%s, %.*f/s, %s left",
             now->completed, now->total, failed, now->rate < 10 ? 1 : 0,
             now->rate, left);
}

const char *progress_slowest(char out[PROGRESS_SLOWEST_SIZE], const char *name,
                             double seconds)
{
    static const size_t most = 80; /* of the name: its tail */
    size_t length = strlen(name);
    char time[24];

    print_time(time, sizeof time, seconds);
    out[0] = '\0';
    if (seconds >= 1)
        snprintf(out, PROGRESS_SLOWEST_SIZE, "; %s%s runs for %s",
                 length > most ? "..." : "",
                 length > most ? name + length - most : name, time);
    return out;
}

/* The name of the slowest task, or its number; "" when none runs. */
static const char *name_slowest(char out[PROGRESS_NAME_SIZE],
                                const struct progress *progress,
                                const struct foray_progress *now)
{
    if (now->slowest < 0 || (size_t)now->slowest >= now->total)
        return "";
    if (progress->name)
        return progress->name(out, (size_t)now->slowest, progress->name_arg);
    snprintf(out, PROGRESS_NAME_SIZE, "task %lld", (long long)now->slowest);
    return out;
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}

/* A line that the next one is written over: where it does not fit into the
 * terminal its end is missing. */
static void draw(struct progress *progress, const char *line)
{
    fprintf(stderr, "\r%.*s\033[K", terminal_columns() - 1, line);
    fflush(stderr);
    progress->drawn = true;
}

static void draw_bar(struct progress *progress,
                     const struct foray_progress *now)
{
    enum { LEAST = 4, MOST = 40 };
    char state[PROGRESS_STATE_SIZE], bar[MOST + 1];
    char line[sizeof state + sizeof bar + 4];
    int room;
    size_t width, full;

    if (now->completed == now->total) {
        progress_end(progress); /* the summary takes its place */
        return;
    }
    progress_state(state, now);
    room = terminal_columns() - (int)strlen(state) - 4;
    if (room < LEAST) {
        draw(progress, state);
        return;
    }
    width = room > MOST ? MOST : (size_t)room;
    full = width * now->completed / (now->total ? now->total : 1);
    memset(bar, '.', width);
    memset(bar, '#', full);
    bar[width] = '\0';
    snprintf(line, sizeof line, "[%s] %s", bar, state);
    draw(progress, line);
}

static void show_json(const struct foray_progress *now)
{
    fprintf(stderr,
            "{\"total\": %zu, \"completed\": %zu, \"failed\": %zu, "
            "\"seconds\": %.3f, \"rate\": %.3f, \"remaining\": ",
            now->total, now->completed, now->failed, now->seconds, now->rate);
    if (now->remaining < 0)
        fputs("null}\n", stderr);
    else
        fprintf(stderr, "%.3f}\n", now->remaining);
}

static void show_line(struct progress *progress,
                      const struct foray_progress *now)
{
    bool last = now->completed == now->total;
    char state[PROGRESS_STATE_SIZE];

    if (now->seconds - progress->last < line_seconds &&
        !(last && progress->mode == PROGRESS_ALWAYS))
        return;
    progress->last = now->seconds;
    progress_state(state, now);
    message("%s", state);
}

void progress_prepare(struct progress *progress, const char *what, size_t done,
                      size_t total)
{
    double now = clock_now();
    char line[PROGRESS_STATE_SIZE];
    bool is_time =
        now - progress->prepared >= (progress->bar ? 1 : line_seconds);

    if (stop_asked()) {
        progress_end(progress);
        message("%s %zu/%zu", what, done, total);
    }
    if (!is_time || progress->mode > PROGRESS_ALWAYS)
        return;
    progress->prepared = now;
    if (!progress->bar) {
        message("%s %zu/%zu", what, done, total);
        return;
    }
    snprintf(line, sizeof line, "%s %zu/%zu", what, done, total);
    draw(progress, line);
}

/* To SIGUSR1, whatever else is shown. */
static void answer(struct progress *progress, const struct foray_progress *now,
                   const char *slowest)
{
    char state[PROGRESS_STATE_SIZE], more[PROGRESS_SLOWEST_SIZE];

    progress_end(progress);
    progress_state(state, now);
    message("%s%s", state,
            progress_slowest(more, slowest, now->slowest_seconds));
}

void progress_show(const struct foray_progress *now, void *arg)
{
    struct progress *progress = arg;
    char name[PROGRESS_NAME_SIZE];
    const char *slowest = name_slowest(name, progress, now);

    beacon_answer(now, slowest);
    if (stop_asked())
        answer(progress, now, slowest);
    if (progress->mode == PROGRESS_NEVER)
        return;
    if (progress->mode == PROGRESS_JSON)
        show_json(now);
    else if (progress->bar)
        draw_bar(progress, now);
    else
        show_line(progress, now);
}

void progress_log(const char *sentence, void *arg)
{
    progress_end(arg);
    message("%s", sentence);
}
