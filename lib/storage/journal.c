#include "storage/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "storage/crc.h"
#include "storage/draft.h"
#include "storage/file.h"

enum { MAX_LINE = 4096, MAX_HEAD = 1 << 20, SEAL = 8 /* digits */ };

static const char first_line[] = "foray journal 1\n";

/* A file on its way through. */
struct reading {
    FILE *file;
    char line[MAX_LINE];
    size_t size; /* of the line, its newline included */
    uint32_t crc;
    uint64_t length; /* of what was read and counts */
};

/* The next line that is whole. */
static bool read_line(struct reading *reading)
{
    if (!fgets(reading->line, MAX_LINE, reading->file))
        return false;
    reading->size = strlen(reading->line);
    return reading->size && reading->line[reading->size - 1] == '\n';
}

static void count_line(struct reading *reading)
{
    reading->crc = foray__crc32(reading->crc, reading->line, reading->size);
    reading->length += reading->size;
}

/* Whether the line ends with the number that it should. */
static bool is_sealed(const struct reading *reading)
{
    size_t text = reading->size - SEAL - 1;
    char seal[SEAL + 2];

    if (reading->size < SEAL + 2)
        return false;
    snprintf(seal, sizeof seal, "%08" PRIx32 "\n",
             foray__crc32(reading->crc, reading->line, text));
    return !strcmp(reading->line + text, seal);
}

static bool begins(const struct reading *reading, const char *word)
{
    return !strncmp(reading->line, word, strlen(word));
}

static int add_to_head(char **head, size_t *size, const struct reading *reading,
                       struct foray_error *err)
{
    char *more = realloc(*head, *size + reading->size + 1);

    if (!more)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a journal");
    *head = more;
    memcpy(more + *size, reading->line, reading->size + 1);
    *size += reading->size;
    return 0;
}

/* Up to the line "begin". journal->head stays NULL if that is not there. */
static int read_head(struct foray__journal *journal, struct reading *reading,
                     struct foray_error *err)
{
    char *head = NULL;
    size_t size = 0;
    int code = 0;

    count_line(reading);
    while (!code && size < MAX_HEAD && read_line(reading)) {
        if (begins(reading, "begin ") && is_sealed(reading)) {
            count_line(reading);
            journal->head = head ? head : strdup("");
            return journal->head ? 0
                                 : foray__fail(err, FORAY_ENOMEM,
                                               "no memory for a journal");
        }
        count_line(reading);
        code = add_to_head(&head, &size, reading, err);
    }
    free(head);
    return code;
}

/* "done FIRST LAST SEAL", both included. */
static bool read_done(const struct reading *reading, uint8_t *marks,
                      size_t n_tasks)
{
    uint64_t first, last;

    if (sscanf(reading->line, "done %20" SCNu64 " %20" SCNu64 " ", &first,
               &last) != 2 ||
        first > last || last >= n_tasks)
        return false;
    memset(marks + first, FORAY__MARK_KEPT, last - first + 1);
    return true;
}

static int read_lines(struct foray__journal *journal, struct reading *reading,
                      uint8_t *marks, size_t n_tasks, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    size_t n;

    if (!fgets(reading->line, MAX_LINE, reading->file))
        return 0;
    n = reading->size = strlen(reading->line);
    if (!n || strncmp(reading->line, first_line, n) != 0)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s is no journal: choose another name for one, or "
                           "remove it",
                           foray__tail(tail, journal->path));
    if (n < sizeof first_line - 1) /* torn */
        return 0;
    FORAY_TRY(read_head(journal, reading, err));
    while (journal->head && read_line(reading) && is_sealed(reading) &&
           read_done(reading, marks, n_tasks))
        count_line(reading);
    journal->crc = reading->crc;
    journal->length = reading->length;
    return 0;
}

static int read_file(struct foray__journal *journal, uint8_t *marks,
                     size_t n_tasks, struct foray_error *err)
{
    struct reading *reading = calloc(1, sizeof *reading);
    int fd = fcntl(journal->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), code;

    if (reading && fd >= 0)
        reading->file = fdopen(fd, "r");
    if (!reading || !reading->file) {
        if (fd >= 0)
            close(fd);
        free(reading);
        return foray__fail(err, FORAY_ENOMEM, "no memory for a journal");
    }
    code = read_lines(journal, reading, marks, n_tasks, err);
    fclose(reading->file);
    free(reading);
    return code;
}

/* Nobody else has it, and it still has its name. */
static int take(struct foray__journal *journal, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    const char *shown = foray__tail(tail, journal->path);
    struct stat st;

    journal->fd = foray__above_streams(
        open(journal->path,
             O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
             0666));
    if (journal->fd < 0 && errno == ELOOP)
        return foray__fail(err, FORAY_EINVAL,
                           "%s is a symbolic link: a journal is a file", shown);
    if (journal->fd < 0)
        return foray__fail_errno(err, errno, "cannot open the journal %s",
                                 shown);
    if (fstat(journal->fd, &st) || !S_ISREG(st.st_mode))
        return foray__fail(err, FORAY_EINVAL,
                           "%s is no regular file: a journal is one", shown);
    if (st.st_uid != geteuid()) /* who could say of any task that it is done */
        return foray__fail(err, FORAY_EACCES,
                           "the journal %s is another user's: choose another "
                           "name for one, or remove it",
                           shown);
    /* Where there are no locks it goes on without. */
    if (foray__draft_is_held(journal->fd) ||
        !foray__file_is(journal->fd, journal->path))
        return foray__fail(err, FORAY_EBUSY,
                           "the journal %s is another run's at the moment: "
                           "wait for it, or choose another name",
                           shown);
    return 0;
}

int foray__journal_open(struct foray__journal *out, const char *path,
                        uint8_t *marks, size_t n_tasks, struct foray_error *err)
{
    int code;

    *out = (struct foray__journal){.fd = -1};
    FORAY_TRY(foray__absolute(&out->path, path, err));
    code = take(out, err);
    if (!code)
        code = read_file(out, marks, n_tasks, err);
    if (code)
        foray__journal_close(out);
    return code;
}

/* Append a text to what counts. Of a write that fails nothing does. */
static int append(struct foray__journal *journal, const char *text, size_t size,
                  struct foray_error *err)
{
    FORAY_TRY(foray__file_write(journal->fd, text, size, journal->length,
                                journal->path, err));
    journal->crc = foray__crc32(journal->crc, text, size);
    journal->length += size;
    return 0;
}

/* A line: the words, and the number that seals them. */
static int append_sealed(struct foray__journal *journal, const char *words,
                         struct foray_error *err)
{
    char line[128];
    int n = snprintf(line, sizeof line, "%s ", words);
    uint32_t crc = foray__crc32(journal->crc, line, (size_t)n);

    n += snprintf(line + n, sizeof line - (size_t)n, "%08" PRIx32 "\n", crc);
    return append(journal, line, (size_t)n, err);
}

int foray__journal_begin(struct foray__journal *journal, const char *head,
                         struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    free(journal->head);
    journal->head = NULL;
    journal->length = journal->crc = 0;
    if (ftruncate(journal->fd, 0))
        return foray__fail_errno(err, errno, "cannot empty the journal %s",
                                 foray__tail(tail, journal->path));
    FORAY_TRY(append(journal, first_line, sizeof first_line - 1, err));
    FORAY_TRY(append(journal, head, strlen(head), err));
    FORAY_TRY(append_sealed(journal, "begin", err));
    FORAY_TRY(foray__file_sync(journal->fd, journal->path, err));
    foray__folder_sync(journal->path);
    return 0;
}

int foray__journal_keep(struct foray__journal *journal, uint8_t *marks,
                        size_t n_tasks, struct foray_error *err)
{
    bool any = false;

    for (size_t i = 0; i < n_tasks; i++) {
        const uint8_t *found =
            memchr(marks + i, FORAY__MARK_SYNCED, n_tasks - i);
        char words[64];
        size_t first;

        if (!found)
            break;
        first = (size_t)(found - marks);
        for (i = first; i < n_tasks && marks[i] == FORAY__MARK_SYNCED; i++)
            continue;
        snprintf(words, sizeof words, "done %zu %zu", first, i - 1);
        FORAY_TRY(append_sealed(journal, words, err));
        memset(marks + first, FORAY__MARK_KEPT, i - first);
        any = true;
    }
    return any ? foray__file_sync(journal->fd, journal->path, err) : 0;
}

int foray__journal_remove(const struct foray__journal *journal,
                          struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if (!journal->path || !foray__file_is(journal->fd, journal->path) ||
        !unlink(journal->path) || errno == ENOENT)
        return 0;
    return foray__fail_errno(err, errno, "cannot remove the journal %s",
                             foray__tail(tail, journal->path));
}

void foray__journal_close(struct foray__journal *journal)
{
    if (journal->path && journal->fd >= 0) {
        flock(journal->fd, LOCK_UN); /* a child may have it open */
        close(journal->fd);
    }
    free(journal->path);
    free(journal->head);
    *journal = (struct foray__journal){.fd = -1};
}
