/* What every unit test needs: cmocka, a temporary folder, a guarded buffer, a
 * child process whose verdict comes back as an exit status.
 *
 * A forked child must never call a cmocka assert (it would jump into the
 * parent's frame): it returns 0 or a number that says what failed.
 */
#ifndef FORAY_TESTS_HELPERS_H
#define FORAY_TESTS_HELPERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

/* Make the zygote that FORAY_FORCE_BACKEND=forkserver needs: at the begin of
 * main, but behind what workers are to inherit, and in forked children. */
void test_init(void);

/* A new empty folder under /tmp, removed with all it holds at exit of the
 * process that made it. Owner: static storage, one per process. */
const char *test_folder(void);

/* PATH inside test_folder(); a ring of 16 static buffers. */
const char *test_path(const char *name);

/* data/..., of the sources, printed like printf; a ring of 16 static buffers.
 */
const char *data_path(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Whether there is something of that name, be it a link that leads nowhere. */
int exists(const char *path);

/* `nbytes` bytes that end right before an unmapped page. */
void *guarded(size_t nbytes);
void guarded_free(void *bytes, size_t nbytes);

/* Run `fn` in a forked child; its return value, or 128 + signal. */
int in_child(int (*fn)(void *arg), void *arg);

/* Whether a process runs: neither gone nor a zombie. */
int process_lives(pid_t pid);

/* Seconds that suffice for whatever happens at once, on the busiest machine
 * too. What is not to be waited for takes longer. */
enum { PATIENCE = 60 };

/* Whether it ends, as it should at once. */
int process_ends(pid_t pid);

/* Whether it is stopped by a signal, within seconds; anybody's child. */
int process_stops(pid_t pid);

/* Of a clock that only goes on. */
double seconds_now(void);

/* What began then did not wait for what takes longer. */
#define assert_no_wait_since(start)                                            \
    assert_true(seconds_now() - (start) < PATIENCE)

/* Sleep that long, also if a signal comes. */
void nap(double seconds);

/* Open descriptors of this process: compare before and after. */
size_t count_descriptors(void);

/* Entries of /dev/shm whose name holds "foray", and whether there are no more
 * than there were, when what other programs have there for a while is gone. */
size_t count_shm_names(void);
int no_more_shm_names(size_t before);

/* Lines of /proc/self/maps that name a deleted or foray file. */
size_t count_foray_mappings(void);

#define assert_close(a, b, tolerance)                                          \
    _assert_true((uintmax_t)test_is_close((a), (b), (tolerance)),              \
                 #a " is close to " #b, __FILE__, __LINE__)
int test_is_close(double a, double b, double tolerance);

/* A call that must succeed: shows err.msg when it does not. */
#define assert_ok(call, err)                                                   \
    do {                                                                       \
        if ((call) != 0)                                                       \
            fail_msg("%s: %s", #call, (err).msg);                              \
    } while (0)

#endif
