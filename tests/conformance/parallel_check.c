/* What parallel.py asks of the library:
 *
 *     parallel_check expression N_JOBS TEXT...   a line each, value or sentence
 *     parallel_check size TEXT...                likewise
 *     parallel_check verbose VERBOSE N_JOBS BACKEND N TOTAL   the lines
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/size.h>
#include <foray/verbose.h>

#include "base/expression.h"

static void evaluate(int n_jobs, char **texts)
{
    for (; *texts; texts++) {
        struct foray_error err;
        double value;

        if (foray__expression(&value, *texts, n_jobs, &err))
            printf("error: %s\n", err.msg);
        else
            printf("%.17g\n", value);
    }
}

static void parse(char **texts)
{
    for (; *texts; texts++) {
        struct foray_error err;
        uint64_t nbytes;

        if (foray_size_parse(&nbytes, *texts, &err))
            printf("error: %s\n", err.msg);
        else
            printf("%" PRIu64 "\n", nbytes);
    }
}

static void print_lines(char **arguments)
{
    struct foray_verbose verbose = {.verbose = atoi(arguments[0]),
                                    .n_jobs = atoi(arguments[1]),
                                    .backend = arguments[2],
                                    .stream = stdout};
    struct foray_progress progress = {.total = (size_t)atol(arguments[4])};

    foray_verbose_begin(&verbose);
    for (long n = atol(arguments[3]); n; n--) {
        progress.completed++;
        progress.seconds += 0.01;
        foray_verbose_progress(&progress, &verbose);
    }
    foray_verbose_end(&verbose);
}

int main(int argc, char **argv)
{
    if (argc >= 3 && !strcmp(argv[1], "expression"))
        evaluate(atoi(argv[2]), argv + 3);
    else if (argc >= 2 && !strcmp(argv[1], "size"))
        parse(argv + 2);
    else if (argc == 7 && !strcmp(argv[1], "verbose"))
        print_lines(argv + 2);
    else
        return 99;
    return EXIT_SUCCESS;
}
