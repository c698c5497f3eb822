/* A run as a page: one file of HTML that needs nothing else, no network and no
 * script, and stays small however many images there were. */
#ifndef FORAY_TOOLS_REPORT_PAGE_H
#define FORAY_TOOLS_REPORT_PAGE_H

#include <stdio.h>

#include "images/account.h"
#include "images/provenance.h"
#include "report/pictures.h"

enum {
    REPORT_SLOWEST = 12,
    REPORT_FAILED = 36,  /* with a picture each */
    REPORT_OF_STATUS = 6 /* of these, of one status */
};

struct report {
    const struct account *account;
    const struct provenance *provenance;
    size_t slowest[REPORT_SLOWEST], n_slowest;
    size_t failed[REPORT_FAILED], n_failed;
    const struct pictures *pictures; /* of the failed, then of the slowest */
    const char *index;               /* the file of all rows, or NULL */
};

/* Choose the images that are told of. */
void report_choose(struct report *report, const struct account *account);

void report_write(FILE *file, const struct report *report);

/* Parts of the page: sections, each with its heading. */
void report_write_timeline(FILE *file, const struct account *account);
void report_write_throughput(FILE *file, const struct account *account);
void report_write_histograms(FILE *file, const struct index *images);
void report_write_images(FILE *file, const struct report *report);

#endif
