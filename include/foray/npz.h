/* .npz files: several .npy files in a zip archive, as numpy.savez writes them.
 *
 *     struct foray_array x = {0}, y = {0};
 *     struct foray_error err;
 *
 *     if (foray_npz_open(&x, "data.npz", "x", "r", &err) ||
 *         foray_npz_load(&y, "data.npz", "y", &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_array_close(&y, NULL);
 *     foray_array_close(&x, NULL);
 *
 * A member is stored as it is, and is then mapped in place (NumPy reads such a
 * member into memory whatever `mmap_mode` says), or deflated, and is then
 * decompressed into a new unnamed segment. npz_load.h loads many at once.
 * NumPy puts stored members where the name before them ends, at odd addresses
 * mostly, which foray_array_require refuses: load copies them to aligned ones.
 * Files of foray_npz_save have theirs at multiples of 64 bytes.
 *
 * Names are those that NumPy shows: "x" for the member "x.npy". Members that
 * are no .npy files are not there. Any bytes are safe input: sizes are checked
 * before anything is allocated, and nothing grows beyond what a member's header
 * says. Decompressing needs zlib (libz.so.1) or libdeflate (libdeflate.so.0),
 * which are loaded when the first deflated member is met: FORAY_ENOTSUP
 * without.
 * Threads, fork: as storage.h.
 */
#ifndef FORAY_NPZ_H
#define FORAY_NPZ_H

#include <stddef.h>

#include <foray/array.h>
#include <foray/dataset.h>
#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

/** The arrays of a .npz file, in the order of the file. Arrays of Python
 *  objects are listed as opaque without an itemsize, and open for nobody.
 *  Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_EFORMAT (no zip archive, damaged,
 *  a member with a wrong header: names it), FORAY_ETRUNCATED, FORAY_ENOTSUP
 *  (encrypted, compressed by a method NumPy does not use, several disks).
 *  Owner:  the caller, foray_dataset_list_free; on failure *out is empty. */
FORAY_API FORAY_CHECK int foray_npz_list(struct foray_dataset_list *out,
                                         const char *path,
                                         struct foray_error *err);

/** Open one array. `name` NULL: the file's only one, or "arr_0"; "x.npy" is
 *  "x" if there is no other. `mode` is "r", "r+" or "c".
 *  A stored member is mapped, and its checksum not looked at. In mode r+ close
 *  writes the checksum anew, without which NumPy refuses the member: what ends
 *  before its close leaves such a file.
 *  A deflated one is decompressed and its checksum verified; what is stored
 *  into it never reaches the file, so that r+ is refused (FORAY_ENOTSUP).
 *  Errors: those of foray_npz_list; FORAY_ENOENT when the array is not there
 *  (names some that are), FORAY_EINVAL (mode), FORAY_EDTYPE (Python objects),
 *  FORAY_ENOSPC.
 *  Owner:  the caller closes; on failure *out is zeroed. */
FORAY_API FORAY_CHECK int foray_npz_open(struct foray_array *out,
                                         const char *path, const char *name,
                                         const char *mode,
                                         struct foray_error *err);

/** Read one array into a new unnamed segment, writable, independent of the
 *  file afterwards, its checksum verified.  Errors, owner: as foray_npz_open.
 */
FORAY_API FORAY_CHECK int foray_npz_load(struct foray_array *out,
                                         const char *path, const char *name,
                                         struct foray_error *err);

/** Verify the checksum of one array's member, or of all (`name` NULL), reading
 *  them through.  Errors: FORAY_EFORMAT (a sum is wrong: names the member), and
 *  those of foray_npz_list. */
FORAY_API FORAY_CHECK int foray_npz_verify(const char *path, const char *name,
                                           struct foray_error *err);

/* Zero everywhere means default. */
struct foray_npz_options {
    int deflate; /* 1 to 9: compressed, smaller and slower; 0: stored, to be
                    mapped */
};

/** Write a .npz file that numpy.load opens, beside the name first, renamed at
 *  the end, so that PATH is the old file or the whole new one. A `name` that is
 *  NULL is "arr_" and the array's position, as numpy.savez calls it. Stored
 *  data lies at multiples of 64 bytes in the file; beyond 4 GiB it is a ZIP64
 *  archive. The same arrays make the same bytes.
 *  Errors: FORAY_EINVAL (a name twice, empty or longer than 4096 bytes; the
 *  options), FORAY_EDTYPE, FORAY_ENOTSUP (`deflate` without zlib),
 *  FORAY_ENOSPC, FORAY_EACCES, FORAY_EIO: PATH is untouched. */
FORAY_API FORAY_CHECK int
foray_npz_save(const char *path, const struct foray_named_array *arrays,
               size_t n, const struct foray_npz_options *options,
               struct foray_error *err);

FORAY_END
#endif
