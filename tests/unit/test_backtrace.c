/* Backtraces of tasks that crash: the right functions, in every way; and what
 * codes are called. */
#include "helpers.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <foray.h>

#include "base/lines.h"

static const char *const backends[] = {"fork", "forkserver"};

enum way { BAD_STORE, ABORT, JUMP, OVERFLOW, OVERWRITE, KILL, EXIT };

static int (*volatile nowhere)(void);
static int *volatile forbidden; /* UBSan ends who stores to NULL, by itself */
static volatile int sink;

/* Of a function here; sanitizers add to it. */
#ifdef __SANITIZE_ADDRESS__
enum { MOST_BYTES = 1024 };
#else
enum { MOST_BYTES = 256 };
#endif

enum { BAD_LINE = __LINE__ + 4 };

__attribute__((noinline)) static void inner(void)
{
    *forbidden = 1;
    sink++;
}

__attribute__((noinline)) static void outer(void)
{
    inner();
    sink++;
}

__attribute__((noinline)) static int deepen(int depth)
{
    volatile char frame[4096];

    frame[0] = (char)depth;
    return depth ? deepen(depth + 1) + frame[0] : 0;
}

/* Every return address there is, and ASan does not see it coming. */
__attribute__((noinline, no_sanitize_address)) static void overwrite(void)
{
    char *volatile begin = (char *)__builtin_frame_address(0);

    for (size_t i = 0; i < 2048; i++)
        begin[i] = 'x';
    *forbidden = 1;
}

__attribute__((noinline)) static int jump(void)
{
    int got = nowhere();

    sink++;
    return got;
}

static int misbehave(struct foray_task *task)
{
    const enum way *way = foray_task_params(task);

    switch (*way) {
    case BAD_STORE:
        outer();
        break;
    case ABORT:
        abort();
    case JUMP:
        return jump();
    case OVERFLOW:
        return deepen(1);
    case OVERWRITE:
        overwrite();
        break;
    case KILL:
        raise(SIGKILL);
        break;
    case EXIT:
        exit(3);
    }
    return 0;
}

static void crash(struct foray_error *err, const char *backend, enum way way)
{
    struct foray_config config = {.n_jobs = 1, .backend = backend};
    struct foray_for loop = {
        .fn = misbehave, .n = 1, .params = &way, .params_size = sizeof way};
    struct foray_pool *pool = NULL;

    assert_ok(foray_pool_open(&pool, &config, err), *err);
    assert_int_not_equal(foray_for(pool, &loop, NULL, err), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Frame k lies in this program, within so many bytes behind `function`. */
static void expect_in(const struct foray_error *err, int k,
                      void (*function)(void), size_t nbytes)
{
    const struct foray_frames *frames = &err->frames;
    uintptr_t address = (uintptr_t)function;
    Dl_info info;
    const char *name;

    assert_true(frames->n > k);
    assert_true(dladdr((void *)address, &info) != 0);
    assert_true(frames->modules[k] >= 0);
    name = frames->names[frames->modules[k]];
    assert_non_null(strstr(name, "test_backtrace"));
    assert_in_range(frames->offsets[k], address - (uintptr_t)info.dli_fbase,
                    address - (uintptr_t)info.dli_fbase + nbytes);
}

static void test_functions_of_the_program(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_error err;
        char text[2048], line[64];

        crash(&err, backends[b], BAD_STORE);
        assert_int_equal(err.signal, SIGSEGV);
        expect_in(&err, 0, inner, MOST_BYTES);
        expect_in(&err, 1, outer, MOST_BYTES);
        expect_in(&err, 2, (void (*)(void))misbehave, 2 * MOST_BYTES);
        foray_error_backtrace(text, sizeof text, &err);
        snprintf(line, sizeof line, "test_backtrace+%#llx)",
                 (unsigned long long)err.frames.offsets[0]);
        assert_true(!strncmp(text, "#0  ", 4));
        assert_non_null(strstr(text, line));
        assert_null(strstr(text, "_start")); /* ends with the worker */
    }
}

/* Of functions that are not exported. */
static void test_names_and_lines_where_there_is_debug_information(void **state)
{
    struct foray__lines *lines = foray__lines_open("/proc/self/exe");
    struct foray__line line;
    struct foray_error err;
    char text[4096], expected[64];

    (void)state;
    crash(&err, "fork", BAD_STORE);
    foray__lines_find(&line, lines, err.frames.offsets[0]);
    foray__lines_close(lines);
    foray_error_backtrace(text, sizeof text, &err);
    if (!lines || !line.number) {
        /* Symbols are there without -g, too, unless they were stripped. */
        assert_true(lines || !strstr(text, "inner"));
        print_message("%s\n", lines ? "compiled without -g"
                                    : "built without libdw, or none is here");
        skip();
    }
    assert_string_equal(line.function, "inner");
    assert_int_equal(line.number, BAD_LINE);
    snprintf(expected, sizeof expected, "test_backtrace.c:%d\n", BAD_LINE);
    assert_true(!strncmp(text, "#0  inner+0x", 12));
    assert_non_null(strstr(text, expected));
    assert_non_null(strstr(text, "#1  outer+0x"));
    assert_non_null(strstr(text, "#2  misbehave+0x"));
}

static void test_without_libdw_offsets_have_to_do(void **state)
{
    struct foray_error err;
    char text[4096];

    (void)state;
    crash(&err, "fork", BAD_STORE);
    setenv("FORAY_TEST_NO", "libdw", 1);
    foray_error_backtrace(text, sizeof text, &err);
    unsetenv("FORAY_TEST_NO");
    assert_non_null(strstr(text, "test_backtrace+0x"));
    assert_null(strstr(text, "inner"));
    assert_null(strstr(text, ".c:"));
}

static void test_exported_functions_have_names(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_error err;
        char text[2048];

        crash(&err, backends[b], ABORT);
        assert_int_equal(err.signal, SIGABRT);
        foray_error_backtrace(text, sizeof text, &err);
        assert_non_null(strstr(text, " abort+0x"));
        assert_non_null(strstr(text, "(libc"));
        assert_non_null(strstr(text, "test_backtrace+0x"));
    }
}

static void test_a_jump_to_nowhere_tells_who_jumped(void **state)
{
    struct foray_error err;

    (void)state;
    crash(&err, "fork", JUMP);
    assert_int_equal(err.frames.modules[0], -1);
    assert_int_equal(err.frames.offsets[0], 0);
    expect_in(&err, 1, (void (*)(void))jump, MOST_BYTES);
}

static void test_an_endless_recursion(void **state)
{
    struct foray_error err;

    (void)state;
    crash(&err, "fork", OVERFLOW);
    assert_int_equal(err.signal, SIGSEGV);
    assert_int_equal(err.frames.n, FORAY_ERROR_FRAMES);
    expect_in(&err, 0, (void (*)(void))deepen, MOST_BYTES);
    expect_in(&err, FORAY_ERROR_FRAMES - 1, (void (*)(void))deepen, MOST_BYTES);
}

static void test_a_stack_that_is_overwritten(void **state)
{
    struct foray_error err;

    (void)state;
    crash(&err, "fork", OVERWRITE);
    assert_int_equal(err.code, FORAY_ECRASH);
    assert_int_equal(err.signal, SIGSEGV);
}

static void test_other_deaths_have_none(void **state)
{
    struct foray_error err;
    char text[64] = "untouched";

    (void)state;
    crash(&err, "fork", KILL);
    assert_int_equal(err.frames.n, 0);
    assert_string_equal(foray_error_backtrace(text, sizeof text, &err), "");
    crash(&err, "fork", EXIT);
    assert_int_equal(err.code, FORAY_EEXIT);
    assert_int_equal(err.frames.n, 0);
}

static void test_text_is_cut_at_a_line(void **state)
{
    struct foray_error err;
    char whole[2048], text[2048];
    size_t length;

    (void)state;
    crash(&err, "fork", BAD_STORE);
    length = strlen(foray_error_backtrace(whole, sizeof whole, &err));
    for (size_t size = 1; size <= length + 1; size++) {
        memset(text, 'x', sizeof text);
        foray_error_backtrace(text, size, &err);
        assert_true(strlen(text) < size);
        assert_true(!*text || text[strlen(text) - 1] == '\n');
        assert_memory_equal(text, whole, strlen(text));
    }
    assert_int_equal(strlen(text), length);
}

/* Codes are unlike one another, and have a name and a meaning each. */
static void test_codes_have_names(void **state)
{
    static const struct {
        const char *name;
        int code;
    } codes[] = {
#define CODE(name, value, meaning) {"FORAY_" #name, FORAY_##name},
        FORAY_ERROR_MAP(CODE)
#undef CODE
    };

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        assert_true(codes[i].code < 0);
        assert_string_equal(foray_error_name(codes[i].code), codes[i].name);
        assert_string_not_equal(foray_error_meaning(codes[i].code),
                                "unknown error");
    }
    assert_string_equal(foray_error_name(0), "FORAY_E?");
    assert_string_equal(foray_error_meaning(1), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_of_the_program),
        cmocka_unit_test(test_names_and_lines_where_there_is_debug_information),
        cmocka_unit_test(test_without_libdw_offsets_have_to_do),
        cmocka_unit_test(test_exported_functions_have_names),
        cmocka_unit_test(test_a_jump_to_nowhere_tells_who_jumped),
        cmocka_unit_test(test_an_endless_recursion),
        cmocka_unit_test(test_a_stack_that_is_overwritten),
        cmocka_unit_test(test_other_deaths_have_none),
        cmocka_unit_test(test_text_is_cut_at_a_line),
        cmocka_unit_test(test_codes_have_names),
    };
    struct foray_error err;

    unsetenv("FORAY_FORCE_BACKEND");
    forbidden = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (forbidden == MAP_FAILED || foray_init(&err))
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
