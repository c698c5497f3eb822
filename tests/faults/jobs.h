/* What people do with the library, small: what campaigns make hard for it. */
#ifndef FORAY_TESTS_JOBS_H
#define FORAY_TESTS_JOBS_H

#include <stdbool.h>
#include <sys/types.h>

#include <foray.h>

enum { JOB_WRONG = 1 };

struct job {
    const char *name;
    /* 0: done, and the result is right; an error's code, *err says why;
     * JOB_WRONG: it says 0 and the result is wrong. What it makes it has given
     * back then, and nothing is in test_folder() but the images. */
    int (*run)(struct foray_error *err);
    bool zygote;   /* needs foray_init */
    bool compiler; /* runs one: takes half a second */
};

/* The last has no name. */
extern const struct job jobs[];
#define FOR_EVERY_JOB(job) for (const struct job *job = jobs; job->name; job++)

/* Make the images that jobs read: before any of them runs. */
void jobs_prepare(void);

/* Another user may run them, too. */
void jobs_let(uid_t user);

#endif
