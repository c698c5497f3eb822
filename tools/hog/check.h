/* Options of `foray hog` that are missing, or contradict each other: found
 * before any file is looked at. */
#ifndef FORAY_TOOLS_HOG_CHECK_H
#define FORAY_TOOLS_HOG_CHECK_H

#include "hog/options.h"

/* The options, and whether operands are needed: 0, or STATUS_USAGE after a
 * message. */
int hog_check_options(const struct hog_command *c, int operands);

/* What a method lacks is the user's error, too: 0, STATUS_USAGE, or
 * STATUS_FAILED where it could not be asked, after a message. */
int hog_check_method(const struct foray_hog_options *options);

#endif
