/* What calls print: standard output and error of each worker lie in a file of
 * its own while it runs calls, and the file is empty when one begins.
 *
 * The parent makes the files and holds them, so that it can read what a worker
 * wrote that was killed; from one that lives, texts come by its ring.
 */
#ifndef FORAY_ENGINE_CAPTURE_H
#define FORAY_ENGINE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>

/* Bytes of a text that are kept. */
enum { FORAY__CAPTURE_MOST = 64 << 10 };

/* What a worker is told of the file: as of a segment. */
#define FORAY__CAPTURE_SEGMENT UINT64_MAX

/* A text: its end if it is too long, and how much was cut before it. Zeroed:
 * nothing. Owner: free() of `text`. */
struct foray__output {
    char *text; /* with a zero byte behind it */
    size_t size;
    bool lost; /* there was something, and no memory for it */
};

/* In a ring, before the outcome of its task; the bytes follow. */
struct foray__output_record {
    uint64_t size;
    char bytes[];
};

/* Parent. */

struct foray__crew;
struct foray__record;

/* Make the files of a crew of processes, if they are not there. */
int foray__capture_open(struct foray__crew *crew, struct foray_error *err);
void foray__capture_close(struct foray__crew *crew);

/* Give the worker in a slot its file, if it has none. One that does not listen
 * is killed. */
void foray__capture_tell(struct foray__crew *crew, int slot);

/* Keep the text of a record until its outcome comes. */
void foray__capture_put(struct foray__crew *crew, int slot,
                        const struct foray__record *record);

/* What came of `task` of the worker in a slot. Of one that is dead, what is in
 * its file, too. */
struct foray__output foray__capture_take(struct foray__crew *crew, int slot,
                                         uint64_t task, bool is_dead);

/* Worker. */

/* The file to write to; it is the callee's. */
void foray__capture_adopt(int file);

/* From here on write to it, or to where standard output went before. */
void foray__capture_switch(bool on);

/* A call begins: nothing is there. */
void foray__capture_begin(void);

/* A call has ended: bytes that its record takes, 0 if it printed nothing. */
size_t foray__capture_end(void);

/* Fill that record, of so many bytes. */
void foray__capture_fill(struct foray__output_record *out, size_t size);

#endif
