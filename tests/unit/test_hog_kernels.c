#include "helpers.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <foray/hog.h>

#include "hog_cases.h"
#include "image/hog_kernel.h"
#include "image/hog_method.h"
#include "image/orientation.h"

static uint32_t seed = 1;

static unsigned next(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 16;
}

/* Images that are hard on bins, sums and norms. */
enum adversary { NOISE, FLAT, EXTREMES, DIAGONALS, STRIPES, FAINT, N_KINDS };

static uint8_t adversarial(enum adversary kind, size_t y, size_t x)
{
    switch (kind) {
    case NOISE:
        return (uint8_t)next();
    case FLAT:
        return 77;
    case EXTREMES:
        return next() & 1 ? 255 : 0;
    case DIAGONALS: /* 45 and 135 degrees, exactly */
        return (uint8_t)((y / 8 + x / 8) % 2 ? 3 * (y + x) : 3 * (y - x));
    case STRIPES: /* 0 and 90 degrees, exactly */
        return (uint8_t)(y % 16 < 8 ? 9 * x : 9 * y);
    default: /* values where eps counts */
        return next() % 64 == 0;
    }
}

/* Features of `image` by one kernel; malloc'ed. */
static void *features_by(const struct foray__hog_kernel *kernel,
                         const struct foray_hog_options *options,
                         const struct foray_array *image,
                         enum foray_dtype dtype, size_t *nbytes)
{
    struct foray_array features;
    struct foray_hog *hog;
    struct foray_error err;
    size_t length;

    assert_ok(foray_hog_new(&hog, options, &err), err);
    hog->kernel = kernel;
    assert_ok(
        foray_hog_length(&length, hog, image->shape[0], image->shape[1], &err),
        err);
    hog_features(&features, dtype, length);
    assert_ok(foray_hog_compute(hog, image, &features, &err), err);
    foray_hog_free(hog);
    *nbytes = length * features.itemsize;
    return features.data;
}

static void compare(const struct foray_hog_options *options,
                    const struct foray_array *image, enum foray_dtype dtype)
{
    const struct foray__hog_kernel *kernels[FORAY__HOG_KERNELS];
    size_t n = foray__hog_kernels(kernels), nbytes, same;
    void *wanted = features_by(kernels[n - 1], options, image, dtype, &nbytes);

    for (size_t k = 0; k + 1 < n; k++) {
        void *found = features_by(kernels[k], options, image, dtype, &same);

        assert_int_equal(same, nbytes);
        assert_memory_equal(found, wanted, nbytes);
        free(found);
    }
    free(wanted);
}

static const struct foray_hog_options choices[] = {
    {0},
    {.block_rows = 2, .block_cols = 2, .norm = FORAY_HOG_NORM_L1},
    {.orientations = 8,
     .cell_rows = 16,
     .cell_cols = 16,
     .block_rows = 1,
     .block_cols = 1,
     .norm = FORAY_HOG_NORM_L2},
    {.orientations = 5, .cell_rows = 3, .cell_cols = 7},
    {.orientations = 36,
     .cell_rows = 7,
     .cell_cols = 5,
     .block_rows = 4,
     .block_cols = 3,
     .norm = FORAY_HOG_NORM_L1_SQRT},
    {.orientations = 180,
     .cell_rows = 9,
     .cell_cols = 9,
     .block_rows = 3,
     .block_cols = 2},
    {.orientations = 1,
     .cell_rows = 1,
     .cell_cols = 1,
     .block_rows = 1,
     .block_cols = 1},
};

enum { N_CHOICES = sizeof choices / sizeof choices[0] };

static void test_kernels_agree_on_adversaries(void **state)
{
    static const size_t sizes[][2] = {{48, 48}, {51, 67}, {64, 129}};
    static const enum foray_dtype dtypes[] = {FORAY_F64, FORAY_F32, FORAY_F16};

    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (int kind = 0; kind < N_KINDS; kind++)
            for (size_t channels = 0; channels < 5; channels++) {
                struct foray_array image;
                uint8_t *pixels;
                size_t depth = channels ? channels : 1;

                hog_pattern(&image, FORAY_U8, sizes[s][0], sizes[s][1],
                            channels);
                pixels = image.data;
                for (size_t i = 0; i < foray_array_nitems(&image); i++)
                    pixels[i] = adversarial((enum adversary)kind,
                                            i / depth / sizes[s][1],
                                            i / depth % sizes[s][1]);
                for (size_t c = 0; c < N_CHOICES; c++)
                    compare(&choices[c], &image, dtypes[(c + channels) % 3]);
                free(image.data);
            }
}

/* Every width from the smallest: the ends of vectors. */
static void test_kernels_agree_on_every_width(void **state)
{
    const struct foray_hog_options options = {
        .cell_rows = 3, .cell_cols = 1, .block_rows = 1, .block_cols = 1};

    (void)state;
    for (size_t cols = 1; cols < 150; cols++)
        for (size_t channels = 0; channels < 4; channels += 3) {
            struct foray_array image;

            hog_pattern(&image, FORAY_U8, 3 + cols % 3, cols, channels);
            compare(&options, &image, FORAY_F64);
            free(image.data);
        }
}

static void test_kernels_agree_on_other_types(void **state)
{
    static const enum foray_dtype dtypes[] = {FORAY_BOOL, FORAY_I8,  FORAY_U16,
                                              FORAY_I32,  FORAY_F32, FORAY_F64};

    (void)state;
    for (size_t d = 0; d < sizeof dtypes / sizeof dtypes[0]; d++)
        for (size_t channels = 0; channels < 4; channels += 3)
            for (size_t c = 0; c < N_CHOICES; c++) {
                struct foray_array image;

                hog_pattern(&image, dtypes[d], 51, 67, channels);
                compare(&choices[c], &image, FORAY_F64);
                free(image.data);
            }
}

/* hypot may be one bit of a double off the square root. Sums of the two in
 * float32 are the same however long: were they not, a float and the magnitude
 * would meet the middle between two floats within the rounding of a double. */
static bool sums_alike(double a, double b)
{
    if (fabs(a - b) > a * 0x1p-51)
        return false;
    for (int k = 0; a != b && k < 40; k++) { /* the sum is 2^k or more */
        double middles = ldexp(1, k - 24);
        double error = ldexp(1, (k < 8 ? 9 : k + 1) - 52) + fabs(a - b);

        if (fabs(remainder(a, middles)) <= error)
            return false;
    }
    return true;
}

/* All pairs of 8-bit differences: the bin is that of atan2, the magnitude
 * counts as that of hypot. */
static void test_votes_of_all_gradients(void **state)
{
    enum { WIDTH = 511, N = 9 };
    const struct foray__hog_kernel *kernels[FORAY__HOG_KERNELS];
    size_t n = foray__hog_kernels(kernels);
    static uint8_t table[FORAY__BIN_ROWS * FORAY__BIN_STRIDE], bin[WIDTH];
    static int16_t dx[WIDTH], dy[WIDTH];
    static int32_t square[WIDTH];
    static double magnitude[WIDTH];
    struct foray__hog_row row = {dx, dy, square, magnitude, bin};

    (void)state;
    foray__bin_table(table, N);
    for (size_t k = 0; k < n; k++)
        for (int y = -255; y <= 255; y++) {
            for (int x = 0; x < WIDTH; x++) {
                dx[x] = (int16_t)(x - 255);
                dy[x] = (int16_t)y;
                square[x] = dx[x] * dx[x] + y * y;
            }
            kernels[k]->vote(&row, table, WIDTH);
            for (int x = 0; x < WIDTH; x++) {
                assert_int_equal(bin[x], foray__orientation_bin(y, dx[x], N));
                assert_true(sums_alike(magnitude[x], hypot(dx[x], y)));
            }
        }
}

/* Lengths around the leaves and the splits of NumPy's pairwise sums, infinite
 * and undefined values among them. */
/* Gradients (52, 17) and (47, 28) are equally long, but not to hypot: of the
 * channels skimage takes the one that hypot says is longer. */
static void test_channels_are_compared_as_hypot_does(void **state)
{
    enum { N = 71 };
    const struct foray__hog_kernel *kernels[FORAY__HOG_KERNELS];
    size_t n = foray__hog_kernels(kernels);
    int found = 0;

    (void)state;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b <= a; b++)
            for (int c = a - 1; c >= 0 && 2 * c * c >= a * a + b * b; c--) {
                int d = (int)sqrt(a * a + b * b - c * c);
                int16_t dx[N] = {0}, dy[N] = {0}, dx2[N] = {0}, dy2[N] = {0};
                int32_t square[N] = {0}, square2[N] = {0};
                struct foray__hog_row row = {dx, dy, square, NULL, NULL};
                struct foray__hog_row spare = {dx2, dy2, square2, NULL, NULL};
                int x = a % N, wins;

                if (c * c + d * d != a * a + b * b)
                    continue;
                for (size_t k = 0; k < n; k++)
                    for (int turn = 0; turn < 2; turn++) {
                        dx[x] = (int16_t)(turn ? -c : a);
                        dy[x] = (int16_t)(turn ? d : b);
                        dx2[x] = (int16_t)(turn ? a : c);
                        dy2[x] = (int16_t)(turn ? -b : d);
                        square[x] = square2[x] = a * a + b * b;
                        wins = turn ? hypot(a, b) > hypot(c, d)
                                    : hypot(c, d) > hypot(a, b);
                        kernels[k]->larger(&row, &spare, N);
                        assert_int_equal(dx[x], wins ? dx2[x] : turn ? -c : a);
                        assert_int_equal(square[x], a * a + b * b);
                    }
                found++;
            }
    assert_int_equal(found, 15620);
}

/* Bins of anything: those of the definition, or left to it. */
static void test_bins_of_any_numbers(void **state)
{
    static const double special[] = {0,   -0.0,  1,        -1,        1e-310,
                                     NAN, 1e300, INFINITY, -INFINITY, -1e-9};
    static const int counts[] = {1, 2, 3, 8, 9, 12, 39, 180};
    enum { N = 1100, N_SPECIAL = sizeof special / sizeof special[0] };
    const struct foray__hog_kernel *kernels[FORAY__HOG_KERNELS];
    size_t n_kernels = foray__hog_kernels(kernels);
    static double dx[N], dy[N];
    static uint8_t bin[N];

    (void)state;
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        int n = counts[c];

        for (int i = 0; i < N; i++) {
            double angle =
                i % 2 ? M_PI / n * (int)(next() % 400) : M_PI * next() / 20000;
            double length = ldexp(1, (int)(next() % 80) - 40);

            dx[i] = length * cos(angle + (i % 8 == 1 ? 1e-5 : 0));
            dy[i] = length * sin(angle);
            if (i < N_SPECIAL * N_SPECIAL) {
                dx[i] = special[i % N_SPECIAL];
                dy[i] = special[i / N_SPECIAL];
            }
        }
        for (size_t k = 0; k < n_kernels; k++) {
            int n_sure = 0;

            kernels[k]->bins(bin, dx, dy, N, n);
            for (int i = 0; i < N; i++)
                if (bin[i] != FORAY__BIN_UNSURE) {
                    assert_int_equal(bin[i],
                                     foray__orientation_bin(dy[i], dx[i], n));
                    n_sure++;
                }
            assert_true(n_sure > N / 3);
        }
    }
}

static void test_norms_agree_at_every_length(void **state)
{
    enum { LONGEST = 1200 };
    const struct foray__hog_kernel *kernels[FORAY__HOG_KERNELS];
    size_t n_kernels = foray__hog_kernels(kernels);
    static double block[LONGEST], wanted[LONGEST], found[LONGEST];

    (void)state;
    for (size_t n = 1; n <= LONGEST; n += n < 300 ? 1 : 37)
        for (int norm = 0; norm < 4; norm++) {
            for (size_t i = 0; i < n; i++)
                block[i] = next() % 5 ? next() / 256.0 : 0;
            if (n % 9 == 8)
                block[n / 2] = n % 2 ? INFINITY : NAN;
            kernels[n_kernels - 1]->normalize(wanted, block, n,
                                              (enum foray_hog_norm)norm);
            for (size_t k = 0; k + 1 < n_kernels; k++) {
                kernels[k]->normalize(found, block, n,
                                      (enum foray_hog_norm)norm);
                for (size_t i = 0; i < n; i++)
                    assert_true(isnan(wanted[i])
                                    ? isnan(found[i])
                                    : !memcmp(&found[i], &wanted[i], 8));
            }
        }
}

static void test_kernels_can_be_taken_away(void **state)
{
    const struct foray__hog_kernel *kernels[FORAY__HOG_KERNELS];
    struct foray_hog *hog;
    struct foray_error err;
    size_t n = foray__hog_kernels(kernels);

    (void)state;
    assert_string_equal(foray_hog_kernel(), kernels[0]->name);
    assert_ok(foray_hog_new(&hog, NULL, &err), err);
    assert_ptr_equal(hog->kernel, kernels[0]);
    setenv("FORAY_TEST_NO", "avx512,avx2", 1);
    assert_string_equal(foray_hog_kernel(), kernels[n - 1]->name);
    assert_int_equal(foray__hog_kernels(kernels), 1);
    assert_ptr_not_equal(kernels[0], NULL);
    foray_hog_free(hog);
    unsetenv("FORAY_TEST_NO");
    assert_int_equal(foray__hog_kernels(kernels), n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_agree_on_adversaries),
        cmocka_unit_test(test_kernels_agree_on_every_width),
        cmocka_unit_test(test_kernels_agree_on_other_types),
        cmocka_unit_test(test_votes_of_all_gradients),
        cmocka_unit_test(test_bins_of_any_numbers),
        cmocka_unit_test(test_channels_are_compared_as_hypot_does),
        cmocka_unit_test(test_norms_agree_at_every_length),
        cmocka_unit_test(test_kernels_can_be_taken_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
