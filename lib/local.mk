### Headers
include_HEADERS = include/foray.h
forayincludedir = $(includedir)/foray
forayinclude_HEADERS = \
	include/foray/array.h \
	include/foray/atomic.h \
	include/foray/backend.h \
	include/foray/call.h \
	include/foray/config.h \
	include/foray/dataset.h \
	include/foray/dtype.h \
	include/foray/error.h \
	include/foray/eval.h \
	include/foray/export.h \
	include/foray/hog.h \
	include/foray/hog_batch.h \
	include/foray/image.h \
	include/foray/init.h \
	include/foray/joblib.h \
	include/foray/linalg.h \
	include/foray/kernel.h \
	include/foray/machine.h \
	include/foray/map.h \
	include/foray/npz.h \
	include/foray/npz_load.h \
	include/foray/parallel.h \
	include/foray/pool.h \
	include/foray/random.h \
	include/foray/reduce.h \
	include/foray/result.h \
	include/foray/size.h \
	include/foray/stats.h \
	include/foray/storage.h \
	include/foray/task.h \
	include/foray/texts.h \
	include/foray/verbose.h

if WITH_HDF5
forayinclude_HEADERS += include/foray/hdf5.h
endif

### The rooms; each lists its files in a local.mk of its own
include lib/base/local.mk
include lib/array/local.mk
include lib/storage/local.mk
include lib/machine/local.mk
include lib/engine/local.mk
include lib/compute/local.mk
include lib/hdf5/local.mk
include lib/image/local.mk

### What libraries are compiled with: once, not also for archives, as the archive
### that is installed is made of the same objects
LIBRARY_CFLAGS = $(AM_CFLAGS) $(COMPILED_ONCE)

### libforay: base to compute, libc only
noinst_LTLIBRARIES += libforay-base.la libforay-file.la libforay-core.la
libforay_base_la_SOURCES = $(BASE_FILES)
libforay_file_la_SOURCES = lib/storage/draft.c lib/storage/draft.h \
	lib/storage/file.c lib/storage/file.h
libforay_core_la_SOURCES = $(BASE_PUBLIC_FILES) $(ARRAY_FILES) \
	$(STORAGE_FILES) $(MACHINE_FILES) $(ENGINE_FILES) $(COMPUTE_FILES)
libforay_core_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFORAY_INCLUDEDIR='"$(includedir)"'
libforay_core_la_CFLAGS = $(LIBRARY_CFLAGS) $(HWLOC_CFLAGS) $(LIBDW_CFLAGS)
libforay_core_la_LIBADD = $(COMPUTE_KERNELS) libforay-file.la \
	libforay-base.la $(HWLOC_LIBS)

lib_LTLIBRARIES += libforay.la
libforay_la_SOURCES =
libforay_la_LIBADD = libforay-core.la
libforay_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info 0:0:0

### libforay-image: decode, resize, HOG
noinst_LTLIBRARIES += libforay-image-core.la
libforay_image_core_la_SOURCES = $(IMAGE_FILES)
libforay_image_core_la_CPPFLAGS = $(AM_CPPFLAGS) $(IMAGE_DECODERS)
libforay_image_core_la_CFLAGS = $(LIBRARY_CFLAGS) $(JPEG_CFLAGS) $(PNG_CFLAGS) \
	$(TIFF_CFLAGS) $(WEBP_CFLAGS)
libforay_image_core_la_LIBADD = $(IMAGE_KERNELS) $(JPEG_LIBS) $(PNG_LIBS) \
	$(WEBP_LIBS)

lib_LTLIBRARIES += libforay-image.la
libforay_image_la_SOURCES =
libforay_image_la_LIBADD = libforay-image-core.la libforay-base.la libforay.la
libforay_image_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info 0:0:0

### libforay-hdf5: datasets of HDF5 files
if WITH_HDF5
noinst_LTLIBRARIES += libforay-hdf5-core.la
libforay_hdf5_core_la_SOURCES = $(HDF5_FILES)
libforay_hdf5_core_la_CPPFLAGS = $(AM_CPPFLAGS) $(HDF5_FEATURES)
libforay_hdf5_core_la_CFLAGS = $(LIBRARY_CFLAGS) $(HDF5_CFLAGS) \
	$(LIBDEFLATE_CFLAGS) $(ZLIB_CFLAGS)
libforay_hdf5_core_la_LIBADD = libforay-hdf5-loops.la $(HDF5_LIBS) \
	$(LIBDEFLATE_LIBS) $(ZLIB_LIBS)

lib_LTLIBRARIES += libforay-hdf5.la
libforay_hdf5_la_SOURCES =
libforay_hdf5_la_LIBADD = libforay-hdf5-core.la libforay-file.la \
	libforay-base.la libforay.la
libforay_hdf5_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info 0:0:0
endif

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = lib/foray.pc lib/foray-image.pc
if WITH_HDF5
pkgconfig_DATA += lib/foray-hdf5.pc
endif

include lib/linalg/local.mk
