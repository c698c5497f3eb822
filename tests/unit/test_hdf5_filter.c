/* Chunks are encoded and decoded, and copied from and to arrays. */
#include "helpers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5/filter.h"
#include "hdf5/lzf.h"
#include "hdf5/region.h"
#include "hdf5/shuffle.h"

/* Numbers that deflate makes smaller, unless `noise`. */
static void fill(unsigned char *bytes, size_t n, bool noise)
{
    uint64_t s = 88172645463325252ull;

    for (size_t i = 0; i < n; i++) {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        bytes[i] = (unsigned char)(noise ? s : s % 4);
    }
}

static void test_shuffle(void **state)
{
    static const size_t lengths[] = {0, 1, 7, 16, 63, 64, 1000, 4099};

    (void)state;
    for (size_t size = 1; size <= 17; size++)
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            size_t nbytes = lengths[k], n = nbytes / size;
            unsigned char *in = guarded(nbytes), *out = guarded(nbytes);
            unsigned char *back = guarded(nbytes);

            fill(in, nbytes, true);
            foray__h5_shuffle(out, in, nbytes, size);
            for (size_t i = 0; i < n * size; i++)
                assert_int_equal(out[i % size * n + i / size], in[i]);
            foray__h5_unshuffle(back, out, nbytes, size);
            assert_memory_equal(back, in, nbytes);
            guarded_free(back, nbytes);
            guarded_free(out, nbytes);
            guarded_free(in, nbytes);
        }
}

/* By its definition: sums modulo 65535. */
static void test_fletcher(void **state)
{
    unsigned char bytes[3000];

    (void)state;
    fill(bytes, sizeof bytes, true);
    for (size_t n = 0; n < sizeof bytes; n += n < 10 ? 1 : 331) {
        uint64_t low = 0, high = 0;

        for (size_t i = 0; i < n; i += 2) {
            low += (uint64_t)bytes[i] << 8 | (i + 1 < n ? bytes[i + 1] : 0);
            low %= 65535;
            high = (high + low) % 65535;
        }
        assert_int_equal(foray__h5_fletcher32(bytes, n) % 65536 % 65535, low);
        assert_int_equal((foray__h5_fletcher32(bytes, n) >> 16) % 65535, high);
    }
}

static const struct foray__h5_filters pipelines[] = {
    {0, {{0, 0}}},
    {1, {{FORAY__H5_SHUFFLE, 4}}},
    {1, {{FORAY__H5_DEFLATE, 4}}},
    {1, {{FORAY__H5_FLETCHER32, 0}}},
    {2, {{FORAY__H5_SHUFFLE, 8}, {FORAY__H5_DEFLATE, 9}}},
    {2, {{FORAY__H5_SHUFFLE, 1}, {FORAY__H5_DEFLATE, 1}}},
    {3,
     {{FORAY__H5_SHUFFLE, 3},
      {FORAY__H5_DEFLATE, 4},
      {FORAY__H5_FLETCHER32, 0}}},
    {3,
     {{FORAY__H5_FLETCHER32, 0},
      {FORAY__H5_SHUFFLE, 4},
      {FORAY__H5_DEFLATE, 4}}},
    {3,
     {{FORAY__H5_DEFLATE, 4},
      {FORAY__H5_SHUFFLE, 2},
      {FORAY__H5_FLETCHER32, 0}}},
    {2, {{FORAY__H5_SHUFFLE, 4}, {FORAY__H5_LZF, 0}}},
};

static void test_round_trip(void **state)
{
    static const size_t lengths[] = {1, 5, 64, 1000, 70001};
    struct foray__h5_codec codec = {0};

    (void)state;
    for (size_t p = 0; p < sizeof pipelines / sizeof *pipelines; p++)
        for (size_t k = 0; k < 2 * sizeof lengths / sizeof *lengths; k++) {
            size_t nbytes = lengths[k / 2];
            size_t bound = foray__h5_encoded_bound(&pipelines[p], nbytes);
            unsigned char *in = guarded(nbytes), *out = guarded(bound);
            unsigned char *back = guarded(nbytes), *exact;
            uint32_t mask;
            size_t size;

            assert_true(foray__h5_filters_known(&pipelines[p]));
            fill(in, nbytes, k % 2);
            size =
                foray__h5_encode(&codec, &pipelines[p], in, nbytes, out, &mask);
            assert_in_range(size, 1, bound);
            exact = guarded(size);
            memcpy(exact, out, size);
            assert_null(foray__h5_decode(&codec, &pipelines[p], mask, exact,
                                         size, back, nbytes));
            assert_memory_equal(back, in, nbytes);
            /* A byte less, and a chunk of another size. */
            assert_non_null(foray__h5_decode(&codec, &pipelines[p], mask, exact,
                                             size - 1, back, nbytes));
            assert_non_null(foray__h5_decode(&codec, &pipelines[p], mask, exact,
                                             size, back, nbytes - 1));
            guarded_free(exact, size);
            guarded_free(back, nbytes);
            guarded_free(out, bound);
            guarded_free(in, nbytes);
        }
    foray__h5_codec_free(&codec);
}

static void test_damage(void **state)
{
    const struct foray__h5_filters *sums = &pipelines[3];
    struct foray__h5_filters twice = {
        2, {{FORAY__H5_DEFLATE, 1}, {FORAY__H5_LZF, 0}}};
    struct foray__h5_filters sizeless = {1, {{FORAY__H5_SHUFFLE, 0}}};
    struct foray__h5_codec codec = {0};
    unsigned char in[64], out[72], back[64], turned[4];
    uint32_t mask;

    (void)state;
    assert_false(foray__h5_filters_known(&twice));
    assert_false(foray__h5_filters_known(&sizeless));
    fill(in, sizeof in, true);
    assert_int_equal(foray__h5_encode(&codec, sums, in, sizeof in, out, &mask),
                     68);
    out[10] ^= 1;
    assert_non_null(
        strstr(foray__h5_decode(&codec, sums, 0, out, 68, back, sizeof back),
               "checksum"));
    out[10] ^= 1;
    /* As old writers stored it. */
    memcpy(turned, out + 64, 4);
    out[64] = turned[1];
    out[65] = turned[0];
    out[66] = turned[3];
    out[67] = turned[2];
    assert_null(foray__h5_decode(&codec, sums, 0, out, 68, back, sizeof back));
    /* Skipped: the sum is not there. */
    assert_null(foray__h5_decode(&codec, sums, 1, in, 64, back, sizeof back));
    assert_non_null(
        foray__h5_decode(&codec, sums, 0, out, 3, back, sizeof back));
    foray__h5_codec_free(&codec);
}

/* Bytes as they are, a copy, a pattern that repeats itself, and a long one. */
static void test_lzf(void **state)
{
    static const unsigned char packed[] = {
        2, 'a', 'b', 'c', 0x20, 2, 0, 'd', 0x40, 1, 0xe0, 3, 0, 0, 'e'};
    static const char whole[] = "abcabcdcdcddddddddddddde";
    const struct foray__h5_filters lzf = {1, {{FORAY__H5_LZF, 0}}};
    const size_t nbytes = sizeof whole - 1;
    struct foray__h5_codec codec = {0};
    unsigned char *out = guarded(nbytes);

    (void)state;
    assert_int_equal(foray__lzf_size(packed, sizeof packed), nbytes);
    assert_null(
        foray__h5_decode(&codec, &lzf, 0, packed, sizeof packed, out, nbytes));
    assert_memory_equal(out, whole, nbytes);
    for (size_t size = 0; size < sizeof packed; size++) {
        unsigned char *cut = guarded(size);

        memcpy(cut, packed, size);
        assert_false(foray__lzf_unpack(cut, size, out, nbytes));
        assert_true(foray__lzf_size(cut, size) < nbytes);
        guarded_free(cut, size);
    }
    assert_false(foray__lzf_unpack(packed, sizeof packed, out, nbytes - 1));
    assert_false(foray__lzf_unpack(packed, sizeof packed, out, nbytes - 5));
    /* From before the beginning. */
    assert_false(foray__lzf_unpack(packed + 4, 2, out, 3));
    assert_int_equal(foray__lzf_size(packed + 4, 2), 0);
    guarded_free(out, nbytes);
    foray__h5_codec_free(&codec);
}

/* Every element of a region, from chunks and back, against plain indices. */
static void test_region(void **state)
{
    const size_t shape[3] = {5, 7, 9}, chunk[3] = {2, 3, 4};
    uint16_t all[5][7][9], block[2][3][4], got[5 * 7 * 9], again[5][7][9];
    struct foray_error err;

    (void)state;
    for (size_t i = 0; i < 315; i++)
        (&all[0][0][0])[i] = (uint16_t)i;
    for (size_t trial = 0; trial < 200; trial++) {
        struct foray_hdf5_slab slab;
        struct foray__h5_region region;
        struct foray_array array;
        size_t at[3];

        for (size_t k = 0; k < 3; k++) {
            slab.start[k] = (trial * (k + 3)) % shape[k];
            slab.step[k] = (trial / (k + 1)) % 4;
            slab.count[k] = (shape[k] - slab.start[k] - 1) /
                                (slab.step[k] ? slab.step[k] : 1) +
                            1;
            if (trial % 5 == k)
                slab.count[k]--;
        }
        assert_ok(foray__h5_region_make(&region, 3, shape, &slab, "x", &err),
                  err);
        assert_ok(foray_array_wrap(&array, got, FORAY_U16, 3, slab.count, &err),
                  err);
        memset(got, 0xff, sizeof got);
        memset(again, 0xff, sizeof again);
        for (at[0] = 0; at[0] < 5; at[0] += 2)
            for (at[1] = 0; at[1] < 7; at[1] += 3)
                for (at[2] = 0; at[2] < 9; at[2] += 4) {
                    struct foray__h5_block one = {at, chunk, block, 2};

                    for (size_t i = 0; i < 24; i++) {
                        size_t z = at[0] + i / 12, y = at[1] + i / 4 % 3,
                               x = at[2] + i % 4;

                        (&block[0][0][0])[i] =
                            z < 5 && y < 7 && x < 9 ? all[z][y][x] : 9999;
                    }
                    foray__h5_block_read(&one, &region, &array);
                }
        for (size_t i = 0; i < foray_array_nitems(&array); i++) {
            size_t z = i / slab.count[2] / slab.count[1],
                   y = i / slab.count[2] % slab.count[1], x = i % slab.count[2];

            assert_int_equal(got[i], all[slab.start[0] + z * region.step[0]]
                                        [slab.start[1] + y * region.step[1]]
                                        [slab.start[2] + x * region.step[2]]);
        }
        if (!foray_array_nitems(&array))
            continue;
        memset(block, 0, sizeof block);
        for (size_t k = 0; k < 3; k++)
            at[k] = slab.start[k] / chunk[k] * chunk[k];
        foray__h5_block_write(&(struct foray__h5_block){at, chunk, block, 2},
                              &region, &array);
        assert_int_equal(block[slab.start[0] - at[0]][slab.start[1] - at[1]]
                              [slab.start[2] - at[2]],
                         got[0]);
    }
}

static void test_region_refused(void **state)
{
    const size_t shape[1] = {10};
    struct foray_hdf5_slab slab = {.start = {8}, .count = {2}, .step = {1}};
    struct foray__h5_region region;
    struct foray_error err;

    (void)state;
    assert_ok(foray__h5_region_make(&region, 1, shape, &slab, "x", &err), err);
    slab.step[0] = 2;
    assert_int_equal(foray__h5_region_make(&region, 1, shape, &slab, "x", &err),
                     FORAY_ERANGE);
    slab.step[0] = SIZE_MAX;
    assert_int_equal(foray__h5_region_make(&region, 1, shape, &slab, "x", &err),
                     FORAY_ERANGE);
    slab = (struct foray_hdf5_slab){.start = {11}};
    assert_int_equal(foray__h5_region_make(&region, 1, shape, &slab, "x", &err),
                     FORAY_ERANGE);
    slab.start[0] = 10;
    assert_ok(foray__h5_region_make(&region, 1, shape, &slab, "x", &err), err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shuffle),
        cmocka_unit_test(test_fletcher),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_lzf),
        cmocka_unit_test(test_region),
        cmocka_unit_test(test_region_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
