/* Sample images of data/image, whole, cut and damaged; and made ones. */
#ifndef FORAY_TESTS_IMAGE_FILES_H
#define FORAY_TESTS_IMAGE_FILES_H

#include <stddef.h>
#include <stdint.h>

#include <foray/image.h>

/* data/image/NAME; a ring of 8 static buffers. */
const char *sample_path(const char *name);

/* The bytes of a sample, malloc'ed. */
uint8_t *sample_bytes(const char *name, size_t *nbytes);

/* Write a gray image; the pixels of each seed are others: number i of them. */
void write_pgm(const char *path, size_t rows, size_t cols, size_t seed);
uint8_t pgm_pixel(size_t seed, size_t i);

/* foray_image_read of bytes, through a file of test_folder(). */
int read_bytes(struct foray_image *image, const void *bytes, size_t nbytes,
               const struct foray_image_options *options,
               struct foray_error *err);

/* The pixels of an image equal an array of this many axes and this shape. */
void assert_pixels(const struct foray_image *image,
                   const struct foray_array *wanted);

/* data/image/FILE, decoded with FORAY_COLOR_ALL, equals data/image/STEM.npy. */
void assert_sample(const char *file);

/* What the header of a sample says; it has 21 x 26 pixels. */
void assert_header(const char *file, enum foray_image_format format,
                   int channels, int bits, bool alpha, int orientation);

/* The first n bytes of a sample, for each n below its size less `end`, are
 * FORAY_ETRUNCATED, and nothing is left to see. The last `end` bytes do not
 * matter. */
void assert_cut(const char *file, size_t end);

/* `times` copies of a sample with a few bits flipped or bytes replaced, always
 * the same: each is decoded or is an error of those that files may have.
 * Returns how many were errors. */
size_t count_damaged(const char *file, size_t times);

#endif
