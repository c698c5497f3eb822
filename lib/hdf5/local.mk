# What HDF5 is not needed for, and a fuzzer wants alone.
HDF5_CODEC_FILES = \
	lib/hdf5/filter.c lib/hdf5/filter.h \
	lib/hdf5/inflate.h \
	lib/hdf5/lzf.c lib/hdf5/lzf.h \
	lib/hdf5/region.c lib/hdf5/region.h
if WITH_LIBDEFLATE
HDF5_CODEC_FILES += lib/hdf5/inflate_libdeflate.c
else
HDF5_CODEC_FILES += lib/hdf5/inflate_zlib.c
endif
HDF5_FILES = $(HDF5_CODEC_FILES) \
	lib/hdf5/about.c lib/hdf5/about.h \
	lib/hdf5/append.c \
	lib/hdf5/attribute_task.c lib/hdf5/attribute_task.h \
	lib/hdf5/attributes.c \
	lib/hdf5/chunks.c lib/hdf5/chunks.h \
	lib/hdf5/clone.c lib/hdf5/clone.h \
	lib/hdf5/complete.c \
	lib/hdf5/crew.c lib/hdf5/crew.h \
	lib/hdf5/dataset.c lib/hdf5/dataset.h \
	lib/hdf5/edit.c lib/hdf5/edit.h \
	lib/hdf5/guard.c lib/hdf5/guard.h \
	lib/hdf5/handle.c lib/hdf5/handle.h \
	lib/hdf5/list.c \
	lib/hdf5/load.c \
	lib/hdf5/load_task.c lib/hdf5/load_task.h \
	lib/hdf5/lzf_plugin.c lib/hdf5/lzf_plugin.h \
	lib/hdf5/plan.c lib/hdf5/plan.h \
	lib/hdf5/save.c lib/hdf5/save.h \
	lib/hdf5/save_task.c lib/hdf5/save_task.h \
	lib/hdf5/strings.c \
	lib/hdf5/text.c lib/hdf5/text.h \
	lib/hdf5/type.c lib/hdf5/type.h

if WITH_HDF5
# Loops over bytes that become vectors.
noinst_LTLIBRARIES += libforay-hdf5-loops.la
libforay_hdf5_loops_la_SOURCES = lib/hdf5/shuffle.c lib/hdf5/shuffle.h
libforay_hdf5_loops_la_CFLAGS = $(LIBRARY_CFLAGS) $(FORAY_VECTOR_CFLAGS)
endif
