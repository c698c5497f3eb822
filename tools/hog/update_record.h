/* OUT.update: what an update of OUT is at, in a file that outlives it.
 *
 *     foray update 1
 *     state decided
 *     images 5b1e...
 *     index "OUT.csv"
 *     output 1234 1700000000.000000000
 *     put 17 1
 *     skip 1
 *     put 100 2
 *     end
 *
 * Planned: rows are computed, into OUT.partial; nothing of OUT is touched yet.
 * Decided: they are all there, so are OUT.csv.partial and OUT.json.partial, and
 * whoever comes next finishes what can be done any number of times: row k of
 * OUT.partial becomes the k-th of the rows that are named here, `put FIRST
 * COUNT`, or none of them, `skip COUNT`, and the two get their names. For an
 * HDF5 file that has been done, in a new file (update_hdf5.h) which gets its
 * name, too, unless the old one is not the `output` any more that it was. */
#ifndef FORAY_TOOLS_HOG_UPDATE_RECORD_H
#define FORAY_TOOLS_HOG_UPDATE_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/hog_batch.h>

struct update_record {
    bool decided;
    char images[FORAY_HOG_DIGEST_SIZE]; /* a digest of what is computed */
    char *index;     /* a name in the output's folder, or a whole path */
    char output[64]; /* which file it was (update_note_file), of an HDF5 file;
                        empty: it does not matter */
    size_t *where;   /* the rows of the output, or FORAY_NO_ROW */
    size_t n;
};

/* OUT.update, and a name that begins so; malloc'ed; NULL after a message. */
char *update_record_path(const char *output);
char *update_record_beside(const char *output, const char *end);

/* Which file has a name, and in what state; of NULL nothing. */
void update_note_file(char out[64], const char *path);

/* Remove OUT.update.journal, of the run that computes what is new. 0, or -1
 * after a message. */
int update_record_discard_journal(const char *output);

/* 1: read; 0: there is none; -1 after a message. */
int update_record_read(struct update_record *out, const char *path);

/* Write it whole, onto the disk. 0, or -1 after a message. */
int update_record_write(const struct update_record *record, const char *path);

void update_record_free(struct update_record *record);

#endif
