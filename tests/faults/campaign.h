/* What the campaigns against the promises of docs/reliability.md share: their
 * options, their seed, their watchdog and the rows they print.
 *
 *     tests/faults/NAME [--quick] [--seed N] [--cases N]
 *
 * A campaign prints one row a promise on standard output, for faults.sh:
 *
 *     promise <TAB> cases tried <TAB> cases that broke it
 *
 *     promise <TAB> skipped <TAB> reason
 *
 * what broke in words on standard error, and exits with 1 if anything did. The
 * seed is printed with a failure; the same seed tries the same cases.
 */
#ifndef FORAY_TESTS_CAMPAIGN_H
#define FORAY_TESTS_CAMPAIGN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct campaign {
    const char *name;
    int quick;       /* the form of continuous integration: seconds */
    uint64_t seed;   /* of the clock unless given; quick: 1 */
    size_t cases;    /* 0: as many as the campaign thinks right */
    uint64_t state;  /* of campaign_random */
    size_t failures; /* in all rows */
};

/* Reads the options; ends the program with a sentence if they are wrong. */
void campaign_begin(struct campaign *campaign, int argc, char **argv);

/* The next random number below `below`. */
uint64_t campaign_random(struct campaign *campaign, uint64_t below);

/* How many cases to try: what was asked for, or one of the two. */
size_t campaign_cases(const struct campaign *campaign, size_t quick,
                      size_t full);

/* A case that broke a promise, in words; at most 20 are printed. */
void campaign_fault(struct campaign *campaign, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A row of the table. */
void campaign_row(struct campaign *campaign, const char *promise, size_t cases,
                  size_t failures);

/* A row that was not tried, and why not: neither kept nor broken. */
void campaign_skip(const struct campaign *campaign, const char *promise,
                   const char *reason);

/* The exit status. */
int campaign_end(const struct campaign *campaign);

/* fork: the child is a campaign of its own, in a process group of its own,
 * whose seed is what comes next here. */
pid_t campaign_fork(struct campaign *campaign);

/* Waits for a child; its wait status. One that takes longer than `seconds` is
 * killed with its process group, and *hung is set. */
int campaign_wait(pid_t child, double seconds, int *hung);

/* What a case could leave behind: names of foray's in /dev/shm and in the
 * temporary folder of the tests, processes whose parent is gone or is this one,
 * descriptors and mappings of this process. */
struct traces {
    size_t names, processes, descriptors, mappings;
};
void traces_look(struct traces *traces);

/* How many kinds there are more of than before; waits some seconds for what is
 * still ending, and says what it is by campaign_fault. */
size_t traces_left(struct campaign *campaign, const struct traces *before,
                   const char *what);

#endif
