/* What faults are tried on: one small use of each part of the library, which
 * knows whether its result is right. */
#ifndef FORAY_TESTS_SCENARIO_H
#define FORAY_TESTS_SCENARIO_H

#include <stddef.h>

#include <foray.h>

#include "injector.h"

struct scenario {
    const char *name;
    /* Returns 0: done, and the result is right; a negative code: failed, and
     * `err` says why; BROKEN: a promise is, and err->msg says which. All that
     * it opened is closed. */
    int (*act)(struct foray_error *err);
    uint32_t spared;    /* 1 << family of what cannot fail here */
    const char *output; /* the file of scenario_folder() that it makes */
    const char *old;    /* of scenario_input(): what is there before */
    /* The output is changed where it is: after an error it is neither the old
     * nor the new one, but as good as this says (0, or `err` says why). */
    int (*is_whole)(struct foray_error *err);
};
enum { BROKEN = 1 };

/* The room of each list; the last one has no name. */
extern const struct scenario array_scenarios[], pool_scenarios[],
    file_scenarios[], image_scenarios[], hdf5_scenarios[];

/* Make the files that scenarios read; ends the program if that fails. */
void scenario_prepare(void);
void image_scenario_prepare(void);
void hdf5_scenario_prepare(void);

/* A file that is there before; the folder for what is made; PATH in it. */
const char *scenario_input(const char *name);
const char *scenario_folder(void);
const char *scenario_path(const char *name);

/* Empty that folder. */
void scenario_clear(void);

/* What is there under the name of the scenario's output. */
enum fault_output {
    OUTPUT_NONE,
    OUTPUT_OLD,
    OUTPUT_NEW,
    OUTPUT_CHANGED, /* where it was: what else is in it is whole */
    OUTPUT_OTHER
};

/* Make the output what is there before; what it is now; and keep that as what a
 * run without a fault makes, the whole new one. */
void output_lay_out(const struct scenario *scenario);
enum fault_output output_look(const struct scenario *scenario);
void output_keep(const struct scenario *scenario);

/* "the sum is wrong": BROKEN. */
int broken(struct foray_error *err, const char *what);

/* The first of two codes that is not 0: what a close behind it said does not
 * hide why something failed. */
int first_of(int code, int later);

/* An array in the program's memory: 0, 1, 2, ... in ROWS rows; whether another
 * is the same in f64. */
enum { ROWS = 64, COLUMNS = 16, CELLS = ROWS * COLUMNS };
struct foray_array numbers(void);
int are_numbers(const struct foray_array *array);

/* `code` of what made `array`; closes it, and looks at it before. */
int close_numbers(struct foray_array *array, int code, struct foray_error *err);

#endif
