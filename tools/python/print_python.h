/* `foray hog --print-python`: a script of Pillow and scikit-image, OpenCV or
 * VLFeat that gives the numbers which the options ask for. */
#ifndef FORAY_TOOLS_PYTHON_PRINT_PYTHON_H
#define FORAY_TOOLS_PYTHON_PRINT_PYTHON_H

#include <stdbool.h>
#include <stdio.h>

#include "hog/run.h"
#include "images/inputs.h"

/* Print it. Nothing is computed; of a stack the header was read. `where` tells
 * the list of a run whose paths are all from there, which is then read by the
 * script. Returns the exit status. */
int print_python(const struct hog_run *run, const struct inputs_options *where);

/* Its parts: print_python_pixels.c, how a file, or element `image` of a stack,
 * becomes the array `pixels`; */
void print_python_read(FILE *out, const struct hog_run *run);
void print_python_stack(FILE *out, const struct hog_run *run);
bool print_python_has_archives(const struct hog_run *run);

/* print_python_hog.c, how that becomes features: imports, and the function; */
void print_python_imports(FILE *out, const struct foray_hog_options *hog);
void print_python_hog(FILE *out, const struct foray_hog_options *hog);

/* and which of the numbers are not the same to the last bit. */
void print_python_notes(FILE *out, const struct hog_run *run);

#endif
