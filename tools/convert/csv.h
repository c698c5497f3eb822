/* Numbers in CSV as an array. */
#ifndef FORAY_TOOLS_CONVERT_CSV_H
#define FORAY_TOOLS_CONVERT_CSV_H

#include <foray/array.h>

/* Read a table of numbers: fields separated by commas, semicolons, tabs or
 * blanks, whichever the first line has; empty lines and what follows "#" are
 * passed over, and so is a first line that has no numbers. An empty field is
 * NaN.
 * Shape:  (lines, fields) of f64, (lines) if there is one field.
 * Owner: the caller closes. */
int csv_open(struct foray_array *out, const char *path,
             struct foray_error *err);

#endif
