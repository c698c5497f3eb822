/* Values of OpenCV, Pillow, scikit-image and VLFeat for the images of
 * hog_pattern: data/methods/, made by data/make_methods.py. */
#ifndef FORAY_TESTS_REFERENCES_H
#define FORAY_TESTS_REFERENCES_H

#include <foray/array.h>
#include <foray/hog.h>

/* data/methods/NAME.npy; foray_array_close it. */
void reference_open(struct foray_array *out, const char *name);

/* HOG of the 8-bit pattern is, in f32 and f64, the reference `name`, f32,
 * within 1e-5; of a picture of every second pixel too. */
void assert_hog_is(const char *name, size_t channels,
                   const struct foray_hog_options *options);

/* foray_hog_new refuses the options with FORAY_EINVAL, and says `word`. */
void assert_hog_refuses(const struct foray_hog_options *options,
                        const char *word);

/* The least image is rows x cols: one less is FORAY_ETOOSMALL, and says it. */
void assert_hog_needs(const struct foray_hog_options *options, size_t rows,
                      size_t cols);

#endif
