#include "hdf5/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hdf5/guard.h"
#include "hdf5/lzf_plugin.h"

enum { PAGE = 4096, ELEMENT = 64 };

/* What the library's stack of errors says. */
struct words {
    char text[160];
    int sys_errno;
    bool no_hdf5, truncated;
};

void foray__h5_close(hid_t id)
{
    if (id > 0)
        H5Idec_ref(id);
}

/* The innermost entry comes first when the stack is walked upward. Messages of
 * the file driver have "errno = 28, error message = ..." in them. */
static herr_t take_words(unsigned n, const H5E_error2_t *entry, void *arg)
{
    struct words *words = arg;
    const char *number = entry->desc ? strstr(entry->desc, "errno = ") : NULL;

    if (entry->desc && !n)
        snprintf(words->text, sizeof words->text, "%s", entry->desc);
    if (number && !words->sys_errno)
        words->sys_errno = (int)strtol(number + 8, NULL, 10);
    words->no_hdf5 |= entry->min_num == H5E_NOTHDF5;
    words->truncated |= entry->min_num == H5E_TRUNCATED;
    return 0;
}

static void hear(struct words *words)
{
    *words = (struct words){.text = "the HDF5 library does not say why"};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_words, words);
}

static int code_of_errno(int sys_errno, int code)
{
    switch (sys_errno) {
    case EAGAIN:
        return FORAY_EBUSY;
    case ENOSPC:
    case EDQUOT:
        return FORAY_ENOSPC;
    case EACCES:
    case EPERM:
    case EROFS:
        return FORAY_EACCES;
    case EIO:
        return FORAY_EIO;
    default:
        return code;
    }
}

int foray__h5_fail(struct foray_error *err, int code, const char *fmt, ...)
{
    struct words words;
    char sentence[300];
    const char *why = words.text;
    va_list args;

    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    hear(&words);
    if (words.sys_errno == EAGAIN)
        why = "another program has it open";
    else if (words.sys_errno == ENOLCK)
        why = "its file system has no locks: set HDF5_USE_FILE_LOCKING=FALSE";
    else if (words.sys_errno)
        why = strerror(words.sys_errno);
    code = code_of_errno(words.sys_errno, code);
    return foray__fail(err, code, "%s: %s", sentence, why);
}

int foray__h5_close_written(hid_t id, const char *shown, int code,
                            struct foray_error *err)
{
    if (id > 0 && H5Idec_ref(id) < 0 && !code)
        return foray__h5_fail(err, FORAY_EIO, "cannot write %s", shown);
    return code;
}

/* Nothing is printed; locks are ignored, as readers have to on NFS and Lustre,
 * and writers have one of their own. The variable is for libraries that lack
 * the property, and so that one of the user's does not win. */
static void prepare(void)
{
    static bool is_prepared;

    if (!is_prepared) {
        setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
        setenv("BLOSC_NTHREADS", "1", 1); /* its threads hang in a child */
        foray__h5_lzf_register();
    }
    is_prepared = true;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5Eclear2(H5E_DEFAULT);
}

hid_t foray__h5_access(size_t piece)
{
    hid_t access;

    prepare();
    access = H5Pcreate(H5P_FILE_ACCESS);
#ifdef HAVE_H5PSET_FILE_LOCKING
    H5Pset_file_locking(access, false, true);
#endif
    if (piece)
        H5Pset_alignment(access, piece < PAGE ? piece : PAGE,
                         piece < PAGE ? ELEMENT : PAGE);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    return access;
}

/* The system says plainly what the library says in a stack of entries. */
static int look_at(double *nbytes, const char *path, bool writable,
                   const char *tail, struct foray_error *err)
{
    int flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK;
    struct stat st;
    int fd;

    if (stat(path, &st))
        return foray__fail_errno(err, errno, "cannot open %s", tail);
    if (!S_ISREG(st.st_mode))
        return foray__fail(err, FORAY_EFORMAT, "%s is %s, not an HDF5 file",
                           tail,
                           S_ISDIR(st.st_mode)    ? "a folder"
                           : S_ISFIFO(st.st_mode) ? "a pipe"
                                                  : "a device or a socket");
    fd = open(path, flags);
    if (fd < 0)
        return foray__fail_errno(err, errno, "cannot open %s%s", tail,
                                 writable ? " for writing" : "");
    close(fd);
    *nbytes = (double)st.st_size;
    return 0;
}

/* Whatever describes the data cannot be more than the file. */
static double patience(double nbytes)
{
    enum { LEAST = 10, MOST = 600, BYTES_PER_SECOND = 4 << 20 };
    double seconds = LEAST + nbytes / BYTES_PER_SECOND;

    return seconds < MOST ? seconds : MOST;
}

int foray__h5_open(hid_t *file, const char *path, bool writable, size_t piece,
                   struct foray_error *err)
{
    char buffer[FORAY__TAIL_SIZE];
    const char *tail = foray__tail(buffer, path);
    struct words words;
    double nbytes = 0;
    hid_t access;

    *file = -1;
    FORAY_TRY(look_at(&nbytes, path, writable, tail, err));
    foray__h5_guard_begin(patience(nbytes));
    access = foray__h5_access(piece);
    *file = H5Fopen(path, writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access);
    if (*file >= 0) {
        foray__h5_close(access);
        return 0;
    }
    hear(&words);
    foray__h5_close(access);
    foray__h5_guard_end();
    if (words.no_hdf5)
        return foray__fail(err, FORAY_EFORMAT, "%s is no HDF5 file", tail);
    if (words.truncated)
        return foray__fail(err, FORAY_ETRUNCATED, "%s ends too early: %s", tail,
                           words.text);
    return foray__fail(err, code_of_errno(words.sys_errno, FORAY_EFORMAT),
                       "cannot open %s: %s", tail,
                       words.sys_errno ? strerror(words.sys_errno)
                                       : words.text);
}

void foray__h5_leave(hid_t file)
{
    if (file < 0)
        return;
    foray__h5_close(file);
    foray__h5_guard_end();
}

int foray__h5_finish(hid_t file, const char *path, int code,
                     struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if (file < 0)
        return code;
    if (!code && H5Fflush(file, H5F_SCOPE_GLOBAL) < 0)
        code = foray__h5_fail(err, FORAY_EIO, "cannot write %s",
                              foray__tail(tail, path));
    if (H5Fclose(file) < 0 && !code)
        code = foray__h5_fail(err, FORAY_EIO, "cannot write %s",
                              foray__tail(tail, path));
    foray__h5_guard_end();
    return code;
}
