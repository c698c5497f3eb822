/* Any bytes as a journal: no crash, no leak; tasks are marked or not, what was
 * kept is kept, also after one more is, and a refusal is a sentence. Eight "?"
 * at the end of a line stand for the sum that seals it.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storage/crc.h"
#include "storage/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

enum { N_TASKS = 200, ONE_MORE = 150, SEAL = 8 };

/* A name is needed: journals are not opened through links. */
static char path[] = "/dev/shm/fuzz-journal-XXXXXX";

static void remove_file(void)
{
    unlink(path);
}

static void fail(void)
{
    remove_file();
    abort();
}

static int make_file(void)
{
    int fd = mkstemp(path);

    if (fd < 0) {
        perror("fuzz_journal");
        exit(99);
    }
    atexit(remove_file);
    return fd;
}

static void seal_lines(char *text, size_t size)
{
    char *end, seal[SEAL + 1];

    for (char *line = text; (end = memchr(line, '\n', size)); line = end + 1) {
        char *at = end - SEAL;

        size -= (size_t)(end + 1 - line);
        if (at < line || strncmp(at, "????????", SEAL) != 0)
            continue;
        snprintf(seal, sizeof seal, "%08" PRIx32,
                 foray__crc32(0, text, (size_t)(at - text)));
        memcpy(at, seal, SEAL);
    }
}

static void write_file(int fd, const uint8_t *bytes, size_t nbytes)
{
    char *text = malloc(nbytes + 1);

    if (!text)
        fail();
    if (nbytes)
        memcpy(text, bytes, nbytes);
    seal_lines(text, nbytes);
    if (ftruncate(fd, 0) || pwrite(fd, text, nbytes, 0) != (ssize_t)nbytes)
        fail();
    free(text);
}

/* Zeroed marks, filled by what the file says. False: it is refused. */
static int open_journal(struct foray__journal *journal, uint8_t *marks)
{
    struct foray_error err;
    int code;

    memset(marks, FORAY__MARK_OPEN, N_TASKS);
    code = foray__journal_open(journal, path, marks, N_TASKS, &err);
    if (code && (code != err.code || !err.msg[0] || strchr(err.msg, '\n')))
        fail();
    for (size_t i = 0; i < N_TASKS; i++)
        if (marks[i] != FORAY__MARK_OPEN && marks[i] != FORAY__MARK_KEPT)
            fail();
    return !code;
}

/* One more task is done, and the rest is as it was. */
static void check_goes_on(struct foray__journal *journal, uint8_t *marks)
{
    uint8_t again[N_TASKS];

    if (!journal->head) {
        memset(marks, FORAY__MARK_OPEN, N_TASKS);
        if (foray__journal_begin(journal, "tasks 200\n", NULL))
            fail();
    }
    if (marks[ONE_MORE] == FORAY__MARK_OPEN)
        marks[ONE_MORE] = FORAY__MARK_SYNCED;
    if (foray__journal_keep(journal, marks, N_TASKS, NULL))
        fail();
    foray__journal_close(journal);
    if (!open_journal(journal, again) || memcmp(again, marks, N_TASKS) != 0)
        fail();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    static int fd = -1;
    struct foray__journal journal;
    uint8_t marks[N_TASKS];

    if (fd < 0)
        fd = make_file();
    write_file(fd, bytes, nbytes);
    if (!open_journal(&journal, marks))
        return 0;
    if (journal.length > nbytes)
        fail();
    check_goes_on(&journal, marks);
    foray__journal_close(&journal);
    return 0;
}
