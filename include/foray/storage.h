/* Storage: arrays in files and in shared memory.
 *
 *     struct foray_array x = {0}, y = {0};
 *     struct foray_error err;
 *
 *     if (foray_array_open(&x, "x.npy", "r", &err) ||
 *         foray_array_create(&y, "y.npy", FORAY_F32, x.ndim, x.shape, &err) ||
 *         foray_array_copy(&y, &x, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_array_close(&y, NULL);
 *     foray_array_close(&x, NULL);
 *
 * Each of these functions makes a segment: a mapped file that begins with a
 * valid .npy header. Without a name it lies in /dev/shm or a temporary folder
 * and is gone when the last process that maps it ends, however it ends.
 *
 * Lifetimes: what open, create, load and dump made, foray_array_close gives
 * back, once; views and struct copies end with it. While a run uses the
 * segment close answers FORAY_EBUSY.
 * Threads: different arrays are independent; one array's close must not race
 * with its use. Fork: in a child that the program forked itself the elements
 * stay readable and writable, but every function here answers FORAY_EFORK for
 * the parent's arrays, and nothing the child does removes the parent's files.
 * A file that somebody else truncates while it is mapped raises SIGBUS at the
 * next access to what is gone, as any mapping does. In a worker that is the
 * error of the task that did it, with the file and the byte; in the process of
 * the program, where tasks of the backends threads and serial run, too, it is
 * the program's: the library installs no handler. The rest of the page that the
 * file now ends in reads as zeros, unnoticed.
 */
#ifndef FORAY_STORAGE_H
#define FORAY_STORAGE_H

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

/** Open a .npy file as it is, mapped, nothing read. Where its writer did not
 *  pad the header the data may lie at an odd address: load copies it to an
 *  aligned one.
 *  `mode` is "r", "r+" or "c". Big-endian files and Fortran order stay as they
 *  are stored; types foray has no name for open as FORAY_OPAQUE.
 *  Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_EINVAL (mode), FORAY_EFORMAT
 *  (not .npy, hostile header: says what is wrong), FORAY_EDTYPE (Python
 *  objects), FORAY_ETRUNCATED.
 *  Owner:  the caller closes; on failure *out is zeroed. */
FORAY_API FORAY_CHECK int foray_array_open(struct foray_array *out,
                                           const char *path, const char *mode,
                                           struct foray_error *err);

/* Where and how a new segment comes to be; zero everywhere means default. */
struct foray_placement {
    const char *folder; /* of unnamed arrays; NULL: FORAY_TEMP_FOLDER,
                           /dev/shm if the array fits, TMPDIR, /tmp */
    struct foray_session *session; /* with `name`: a named array in it */
    const char *name;              /* "x" becomes SESSION/x.npy */
    size_t align;                  /* of the data in the file, a power of two;
                                      64 to 4096; 0: 64, the bytes of
                                      np.save */
    bool fortran_order;            /* columns after one another */
    bool partial;   /* with a path: build PATH.partial, a valid file anyone may
                       map, until foray_array_commit gives it its name; close
                       without commit removes it */
    bool resumable; /* with `partial`: close without commit leaves PATH.partial,
                       and so does death; the next array of this type, shape
                       and order that is created so takes it over, elements and
                       all (see the journal in map.h); another is refused,
                       FORAY_EEXIST, as long as that is there */
    bool small_pages; /* do not try for 2 MiB pages */
};

/** Create a zeroed array: mode w+. With a path, the file is reserved in full,
 *  then renamed over the name at once; without (NULL), an unnamed segment.
 *  Shape:  `ndim` axes of `shape`, C order.
 *  Errors: FORAY_ENOSPC (says which limit, how large, what to do),
 *  FORAY_EACCES, FORAY_EDTYPE (opaque), FORAY_ERANGE, FORAY_EINVAL.
 *  Owner:  the caller closes; on failure *out is zeroed. */
FORAY_API FORAY_CHECK int foray_array_create(struct foray_array *out,
                                             const char *path,
                                             enum foray_dtype dtype, int ndim,
                                             const size_t *shape,
                                             struct foray_error *err);

/** foray_array_create with a placement (NULL: all defaults).
 *  Errors: as there; FORAY_EBUSY (`partial`: somebody writes PATH.partial),
 *  FORAY_EEXIST (`partial`: what has that name is no file, another user's, or a
 *  `resumable` array that is not like this). */
FORAY_API FORAY_CHECK int
foray_array_create_at(struct foray_array *out, const char *path,
                      enum foray_dtype dtype, int ndim, const size_t *shape,
                      const struct foray_placement *placement,
                      struct foray_error *err);

/** Give a `partial` array its name: flush to the disk, rename over PATH. The
 *  array stays open.  Errors: FORAY_EIO, FORAY_EACCES, FORAY_EINVAL (not a
 *  partial array); the partial file is kept. */
FORAY_API FORAY_CHECK int foray_array_commit(struct foray_array *array,
                                             struct foray_error *err);

/** Remove PATH.partial, which a `resumable` array or a program that was killed
 *  left; nothing happens where there is none.
 *  Errors: FORAY_EBUSY (somebody writes it), FORAY_EEXIST (it is no file, or
 *  another user's), FORAY_EACCES: it stays. */
FORAY_API int foray_array_discard(const char *path, struct foray_error *err);

/** Write any array, any strides, as a .npy file: beside the name first,
 *  renamed at the end, so that PATH is the old file or the whole new one; a
 *  PATH.partial that a killed program left is removed by the next. The
 *  bytes equal np.save's; Fortran-contiguous arrays are saved in that order.
 *  A file that PATH replaces lends its permissions, one of another user only
 *  what they forbid; a symbolic link is replaced, not followed; a device, pipe
 *  or folder is refused (FORAY_EINVAL).
 *  Errors: FORAY_ENOSPC, FORAY_EACCES, FORAY_EIO: PATH is untouched. */
FORAY_API FORAY_CHECK int foray_array_save(const struct foray_array *array,
                                           const char *path,
                                           struct foray_error *err);

/* Instead of the number of a row. */
#define FORAY_NO_ROW SIZE_MAX

/** Put rows into a .npy file where it is: row k of `rows` becomes its row
 *  where[k], or none (FORAY_NO_ROW). Those behind the last one make it longer:
 *  the header that NumPy and foray write leaves room for that. On the disk when
 *  this returns.
 *  Shape:  rows (n, ...) in C order, of the file's dtype and byte order, its
 *          axes but the first the file's; `where` ascends, and new rows leave
 *          no gap.
 *  Killed at any moment: new rows are there all or not at all, for the header
 *  changes when they are written; rows that are replaced are each the old, the
 *  new, or some of both until the call is repeated, which does no harm. A full
 *  disk is found before anything is changed. Whoever has the file mapped sees
 *  replaced rows change and no new ones.
 *  Errors: FORAY_ENOSPC; FORAY_EBUSY (another process does the same);
 *          FORAY_EINVAL (places), FORAY_EDTYPE, FORAY_ESHAPE, FORAY_ENOTSUP
 *          (Fortran order, no room in the header); those of open. */
FORAY_API FORAY_CHECK int foray_npy_put_rows(const char *path,
                                             const struct foray_array *rows,
                                             const size_t *where,
                                             struct foray_error *err);

/** Read a .npy file into a new unnamed segment, writable, aligned, independent
 *  of the file afterwards.  Errors: those of open and create.
 *  Owner:  the caller closes; on failure *out is zeroed. */
FORAY_API FORAY_CHECK int foray_array_load(struct foray_array *out,
                                           const char *path,
                                           struct foray_error *err);

/** Copy any array into a new segment, unnamed unless the placement names it;
 *  mode r+. `placement` may be NULL.
 *  Shape:  that of `src`; its order if it is contiguous, else C.
 *  Errors: those of create.
 *  Owner:  the caller closes; on failure *out is zeroed. */
FORAY_API FORAY_CHECK int
foray_array_dump(struct foray_array *out, const struct foray_array *src,
                 const struct foray_placement *placement,
                 struct foray_error *err);

/** Give back what open, create, load or dump made: write back (r+, w+ files),
 *  unmap, close; zeroes the struct. Nothing happens to a struct without a
 *  segment, or to NULL.
 *  Errors: FORAY_EBUSY (a run uses it: still open), FORAY_EFORK (still open),
 *  FORAY_EINVAL (closed already), FORAY_EIO (closed, but the write-back
 *  failed).  `err` may be NULL. */
FORAY_API int foray_array_close(struct foray_array *array,
                                struct foray_error *err);

/** NumPy's type string of the array's segment, "<f8", or the whole descr of a
 *  structured type; what NumPy would say for arrays without a segment.
 *  Owner: the array's, until close. */
FORAY_API const char *foray_array_descr(const struct foray_array *array);

/** Bytes of memory that this process may still take: of the machine and of
 *  every control group it is in, whichever is least; SIZE_MAX when nothing
 *  says.  Threads, fork: safe. */
FORAY_API size_t foray_memory_free(void);

/* What `foray info` shows of a .npy file, read without mapping it. */
struct foray_npy_info {
    enum foray_dtype dtype;
    bool swapped;
    bool fortran_order;
    int version; /* 1, 2 or 3 */
    int ndim;
    size_t itemsize;
    size_t shape[FORAY_MAX_NDIM];
    size_t offset;   /* of the data in the file, bytes */
    size_t nbytes;   /* of the data */
    char descr[128]; /* NumPy's type string, cut with "..." if longer */
};

/** Read and check the header of a .npy file.
 *  Errors: as foray_array_open. */
FORAY_API FORAY_CHECK int foray_npy_info(struct foray_npy_info *out,
                                         const char *path,
                                         struct foray_error *err);

/* A session: a 0700 directory `foray-UID-RANDOM` under /dev/shm or a temp
 * folder, for arrays that other programs shall find by name. A lock held by
 * this process keeps it from being swept; it goes with foray_session_close,
 * with the next start's sweep, or with `foray clean`. */
struct foray_session;

/** Open a session under `folder` (NULL: as for arrays), after sweeping what
 *  dead sessions of this user left there.
 *  Errors: FORAY_EACCES, FORAY_ENOSPC, FORAY_ENOTSUP (no locks there).
 *  Owner:  the caller, foray_session_close. */
FORAY_API FORAY_CHECK int foray_session_open(struct foray_session **out,
                                             const char *folder,
                                             struct foray_error *err);

/** Path of the session's directory.  Owner: the session's. */
FORAY_API const char *foray_session_path(const struct foray_session *session);

/** Remove the directory and its arrays; mappings stay valid until closed.
 *  NULL does nothing.
 *  Errors: FORAY_EACCES, FORAY_EIO (what could not be removed stays; the
 *  session is free all the same).
 *  Fork:   FORAY_EFORK in a child: nothing is removed. */
FORAY_API int foray_session_close(struct foray_session *session,
                                  struct foray_error *err);

/* Told of each dead session found: its path and the bytes it holds. */
typedef void (*foray_clean_fn)(const char *path, size_t nbytes, void *arg);

/** Remove what dead sessions of this user left in `folder` (NULL: every
 *  folder foray would choose). `dry_run` only tells. `count` (may be NULL)
 *  receives how many there were.  Live sessions and other users' are never
 *  touched.  Errors: FORAY_EACCES, FORAY_EIO. */
FORAY_API FORAY_CHECK int foray_clean(const char *folder, bool dry_run,
                                      size_t *count, foray_clean_fn found,
                                      void *arg, struct foray_error *err);

/* A folder as the choice sees it. */
struct foray_folder {
    char path[4096];    /* "memfd:" where /dev/shm is too small but memory is
                           not: files there have no folder */
    size_t free_bytes;  /* what may still be stored, cgroup limit included */
    bool shared_memory; /* a tmpfs */
};

/** The folder an unnamed array of `nbytes` would be put in, and what is free
 *  there. `wanted` as in foray_placement.folder.
 *  Errors: FORAY_ENOSPC (fits nowhere; names each folder), FORAY_EACCES. */
FORAY_API FORAY_CHECK int foray_folder_choose(struct foray_folder *out,
                                              const char *wanted, size_t nbytes,
                                              struct foray_error *err);

FORAY_END
#endif
