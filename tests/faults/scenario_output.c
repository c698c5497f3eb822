/* Outputs of scenarios: the old file, the new one, or neither. */
#include "scenario.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20 };

struct bytes {
    ssize_t n; /* -1: there is no such file */
    char data[MOST_BYTES];
};
static struct bytes before, wanted, found;

static void read_bytes_of(struct bytes *bytes, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    bytes->n = fd < 0 ? -1 : read(fd, bytes->data, sizeof bytes->data);
    if (fd >= 0)
        close(fd);
}

static void write_bytes(const struct bytes *bytes, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || write(fd, bytes->data, (size_t)bytes->n) != bytes->n)
        _exit(99);
    close(fd);
}

static int same(const struct bytes *a, const struct bytes *b)
{
    return a->n == b->n &&
           (a->n < 0 || !memcmp(a->data, b->data, (size_t)a->n));
}

/* A file, as it is made in one process and looked at in others. */
static const char *wanted_path(void)
{
    return scenario_input("wanted");
}

void output_lay_out(const struct scenario *scenario)
{
    before.n = -1;
    if (!scenario->output)
        return;
    read_bytes_of(&wanted, wanted_path());
    if (scenario->old) {
        read_bytes_of(&before, scenario_input(scenario->old));
        write_bytes(&before, scenario_path(scenario->output));
    }
}

enum fault_output output_look(const struct scenario *scenario)
{
    if (!scenario->output)
        return OUTPUT_NONE;
    read_bytes_of(&found, scenario_path(scenario->output));
    if (same(&found, &wanted))
        return OUTPUT_NEW;
    if (same(&found, &before))
        return found.n < 0 ? OUTPUT_NONE : OUTPUT_OLD;
    if (scenario->is_whole && !scenario->is_whole(NULL))
        return OUTPUT_CHANGED;
    return OUTPUT_OTHER;
}

void output_keep(const struct scenario *scenario)
{
    if (!scenario->output)
        return;
    read_bytes_of(&found, scenario_path(scenario->output));
    write_bytes(&found, wanted_path());
}
