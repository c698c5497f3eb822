/* What `foray hog` will make, how much that takes, and whether it fits. */
#ifndef FORAY_TOOLS_HOG_SIZE_H
#define FORAY_TOOLS_HOG_SIZE_H

#include "hog/run.h"

/* Whether there is a folder for the output, into which this user may write if
 * that is going to happen: before a million headers are read. Returns 0, or -1
 * after a message. */
int hog_size_folder(const char *output, bool writes);

/* Read all headers: what will be computed. Returns 0 or the error. */
int hog_size_plan(struct foray_hog_plan *plan, struct hog_run *run,
                  struct foray_error *err);

/* 0, or -1 after a message: the file system has not that much. */
int hog_size_check(const struct hog_run *run,
                   const struct foray_hog_plan *plan);

/* Say of large outputs how they become smaller. */
void hog_size_hint(const struct hog_run *run,
                   const struct foray_hog_plan *plan);

/* Plan, and say what would be made. Returns the exit status. */
int hog_size_print(struct hog_run *run);

#endif
