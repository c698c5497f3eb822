# What HDF5 is not needed for, and a fuzzer wants alone.
HDF5_CODEC_FILES = \
	lib/hdf5/filter.c lib/hdf5/filter.h \
	lib/hdf5/inflate.h \
	lib/hdf5/region.c lib/hdf5/region.h
if WITH_LIBDEFLATE
HDF5_CODEC_FILES += lib/hdf5/inflate_libdeflate.c
else
HDF5_CODEC_FILES += lib/hdf5/inflate_zlib.c
endif
HDF5_FILES = $(HDF5_CODEC_FILES) \
	lib/hdf5/about.c lib/hdf5/about.h \
	lib/hdf5/chunks.c lib/hdf5/chunks.h \
	lib/hdf5/crew.c lib/hdf5/crew.h \
	lib/hdf5/dataset.c lib/hdf5/dataset.h \
	lib/hdf5/handle.c lib/hdf5/handle.h \
	lib/hdf5/later.c lib/hdf5/list.c \
	lib/hdf5/load.c \
	lib/hdf5/load_task.c lib/hdf5/load_task.h \
	lib/hdf5/type.c lib/hdf5/type.h

if WITH_HDF5
# Loops over bytes that become vectors.
noinst_LTLIBRARIES += libforay-hdf5-loops.la
libforay_hdf5_loops_la_SOURCES = lib/hdf5/shuffle.c lib/hdf5/shuffle.h
libforay_hdf5_loops_la_CFLAGS = $(AM_CFLAGS) $(FORAY_VECTOR_CFLAGS)
endif
