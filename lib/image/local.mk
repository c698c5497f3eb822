# Files of other rooms here have no public function.
IMAGE_FILES = \
	lib/image/archive.c lib/image/archive.h \
	lib/image/archive_list.c lib/image/archive_list.h \
	lib/image/batch.c \
	lib/image/batch_journal.c lib/image/batch_journal.h \
	lib/image/batch_places.c lib/image/batch_places.h \
	lib/image/batch_plan.c \
	lib/image/batch_rows.c \
	lib/image/batch_task.c lib/image/batch_task.h \
	lib/image/color.c lib/image/color.h \
	lib/image/decoder.h lib/image/draw.c \
	lib/image/exif.c lib/image/exif.h \
	lib/image/fingerprint.c lib/image/fingerprint.h \
	lib/image/fit.c lib/image/fit.h \
	lib/image/format.c lib/image/format.h \
	lib/image/headers.c lib/image/headers.h \
	lib/image/hog.c \
	lib/image/hog_kernel.c lib/image/hog_kernel.h \
	lib/image/hog_method.c lib/image/hog_method.h \
	lib/image/ifd.c lib/image/ifd.h \
	lib/image/image.c lib/image/image_body.h \
	lib/image/image_adopt.c lib/image/image_options.c \
	lib/image/image_steps.c \
	lib/image/jpeg_header.c \
	lib/image/png_header.c \
	lib/image/orientation.c lib/image/orientation.h \
	lib/image/pnm.c \
	lib/image/scratch.c lib/image/scratch.h \
	lib/image/skimage.c lib/image/skimage.h \
	lib/image/skimage_bytes.c lib/image/skimage_numbers.c \
	lib/image/source.c lib/image/source.h \
	lib/image/tiff_header.c lib/image/tiff.h \
	lib/image/webp_header.c lib/image/webp.h \
	lib/image/weights.c lib/image/weights.h \
	lib/image/words.c \
	lib/image/write.c \
	lib/storage/tar.c lib/storage/tar.h \
	lib/storage/tar_header.c lib/storage/tar_header.h \
	lib/storage/tar_pax.c
# Which decoders there are is known to lib/image/format.c only.
IMAGE_DECODERS =
if WITH_JPEG
IMAGE_FILES += lib/image/jpeg.c lib/image/jpeg_write.c
IMAGE_DECODERS += -DFORAY_WITH_JPEG
endif
if WITH_PNG
IMAGE_FILES += lib/image/png.c lib/image/png_write.c
IMAGE_DECODERS += -DFORAY_WITH_PNG
endif
if WITH_TIFF
IMAGE_FILES += lib/image/tiff.c lib/image/tiff_file.c lib/image/tiff_file.h \
	lib/image/tiff_pixels.c lib/image/tiff_pixels.h
IMAGE_DECODERS += -DFORAY_WITH_TIFF
endif
if WITH_WEBP
IMAGE_FILES += lib/image/webp.c
IMAGE_DECODERS += -DFORAY_WITH_WEBP
endif

# Kernels compiled with instruction sets of their own: one noinst library each.
# User's CFLAGS come last, so that -O0 stays -O0; the flags here only allow.
KERNEL_CFLAGS = $(LIBRARY_CFLAGS) $(FORAY_VECTOR_CFLAGS)
noinst_LTLIBRARIES += libforay-hog-baseline.la
libforay_hog_baseline_la_SOURCES = lib/image/hog_kernel_baseline.c \
	lib/image/hog_kernel_body.h
libforay_hog_baseline_la_CFLAGS = $(KERNEL_CFLAGS)
IMAGE_KERNELS = libforay-hog-baseline.la
# Loops that the baseline's vectors are wide enough for.
noinst_LTLIBRARIES += libforay-image-loops.la
libforay_image_loops_la_SOURCES = \
	lib/image/dalal_triggs.c \
	lib/image/dalal_triggs_tables.c lib/image/dalal_triggs_tables.h \
	lib/image/resize.c lib/image/resize.h \
	lib/image/uoctti.c lib/image/uoctti.h \
	lib/image/uoctti_normalize.c lib/image/uoctti_votes.c \
	lib/image/votes.c lib/image/votes.h
libforay_image_loops_la_CFLAGS = $(KERNEL_CFLAGS)
IMAGE_KERNELS += libforay-image-loops.la
if X86_64
noinst_LTLIBRARIES += libforay-hog-avx2.la libforay-hog-avx512.la
libforay_hog_avx2_la_SOURCES = lib/image/hog_kernel_avx2.c
libforay_hog_avx2_la_CFLAGS = $(KERNEL_CFLAGS) -mavx2
libforay_hog_avx512_la_SOURCES = lib/image/hog_kernel_avx512.c
libforay_hog_avx512_la_CFLAGS = $(KERNEL_CFLAGS) -mavx512f -mavx512bw \
	-mavx512dq -mavx512vl -mprefer-vector-width=512
IMAGE_KERNELS += libforay-hog-avx2.la libforay-hog-avx512.la
endif
