/* Images made by a formula, and scikit-image's HOG of them: data/hog/, made by
 * data/make_hog.py, which has the same formula and the same cases. */
#ifndef FORAY_TESTS_HOG_CASES_H
#define FORAY_TESTS_HOG_CASES_H

#include <foray/array.h>
#include <foray/hog.h>

struct hog_case {
    const char *name; /* of the file */
    enum foray_dtype dtype;
    size_t channels; /* 0: gray, two axes */
    struct foray_hog_options options;
    double tolerance; /* 0: the same bits */
};

enum { HOG_ROWS = 33, HOG_COLS = 42, N_HOG_CASES = 15 };

extern const struct hog_case hog_cases[N_HOG_CASES];

/* A malloc'ed image of the formula, at most 4 channels; free(out->data). */
void hog_pattern(struct foray_array *out, enum foray_dtype dtype, size_t rows,
                 size_t cols, size_t channels);

/* data/hog/NAME.npy or data/hog/NAMESUFFIX.npy; foray_array_close it. */
void hog_reference(struct foray_array *out, const char *name,
                   const char *suffix);

/* A malloc'ed row of `n` elements, each byte 0xA5; free(out->data). */
void hog_features(struct foray_array *out, enum foray_dtype dtype, size_t n);

#endif
