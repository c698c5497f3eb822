/* Journals: which tasks of a run are done, in a file that outlives it.
 *
 * A text. Its head says what run it is of, a line each for what the results
 * depend on; then a line for each range of tasks that is done:
 *
 *     foray journal 1
 *     tasks 1000
 *     out[0] <f8 (1000, 81)
 *     begin 8d2f00c1
 *     done 0 499 5b01e7aa
 *     end 77c2a4f0
 *
 * The number that ends a line is the CRC-32 of all before it: what is behind
 * the first line that does not agree was not written whole, and does not count.
 * Its owner holds the file's lock.
 */
#ifndef FORAY_STORAGE_JOURNAL_H
#define FORAY_STORAGE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>

struct foray__journal {
    int fd; /* -1: none */
    char *path;
    uint64_t length; /* of what counts */
    uint32_t crc;    /* of that */
    char *head;      /* of the run it was of when it was opened, lines; NULL:
                        it was of none */
};

/* What marks hold. Workers store MARK_DONE. */
enum {
    FORAY__MARK_OPEN,
    FORAY__MARK_DONE,
    FORAY__MARK_SYNCED,
    FORAY__MARK_KEPT
};

/* Open or create a file, lock it, and read it: tasks that are done become
 * MARK_KEPT in `marks`, n_tasks bytes that are zero. A file that is no journal
 * is refused, an empty or torn one is of no run.
 * Errors: FORAY_EBUSY (another process has it), FORAY_EFORMAT (no journal),
 * FORAY_EINVAL (no regular file), FORAY_EACCES, FORAY_ENOENT, FORAY_EIO. */
int foray__journal_open(struct foray__journal *out, const char *path,
                        uint8_t *marks, size_t n_tasks,
                        struct foray_error *err);

/* Whatever it was of, it is of this run now, whose tasks are all to be done;
 * on the disk when this returns. Lines of `head` end with a newline each. */
int foray__journal_begin(struct foray__journal *journal, const char *head,
                         struct foray_error *err);

/* Tasks that are MARK_SYNCED in `marks` are done, and KEPT then; on the disk
 * when this returns. Nothing is written when there are none. */
int foray__journal_keep(struct foray__journal *journal, uint8_t *marks,
                        size_t n_tasks, struct foray_error *err);

/* Remove the file. Errors: FORAY_EACCES and others of unlink; it stays. */
int foray__journal_remove(const struct foray__journal *journal,
                          struct foray_error *err);

/* Give the file back, and the lock with it. Nothing happens to one that is
 * zeroed, or was closed. */
void foray__journal_close(struct foray__journal *journal);

#endif
