/* What the drawings over time have in common: their width, and its marks. */
#ifndef FORAY_TOOLS_REPORT_AXIS_H
#define FORAY_TOOLS_REPORT_AXIS_H

#include <stdio.h>

#include "images/account.h"

/* Units of the drawings; left of it are labels. */
enum { REPORT_WIDTH = 1000, REPORT_LEFT = 90, REPORT_BELOW = 24 };

/* Seconds that the drawings span: to the end of the last image. Above 0. */
double report_seconds(const struct account *account);

/* Begin a drawing of that height, which is called so. */
void report_begin_drawing(FILE *file, int height, const char *name);

/* Its marks of time, below `height`, and its end. */
void report_end_drawing(FILE *file, int height, double seconds);

#endif
