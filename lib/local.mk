### Headers
include_HEADERS = include/foray.h
forayincludedir = $(includedir)/foray
forayinclude_HEADERS = \
	include/foray/array.h \
	include/foray/dtype.h \
	include/foray/error.h \
	include/foray/export.h \
	include/foray/machine.h \
	include/foray/storage.h

### libforay: base to compute, libc only
noinst_LTLIBRARIES += libforay-core.la
libforay_core_la_SOURCES = \
	lib/base/clock.c lib/base/clock.h \
	lib/base/error.c lib/base/error.h \
	lib/base/feature.c lib/base/feature.h \
	lib/base/process.c lib/base/process.h \
	lib/base/size.c lib/base/size.h
libforay_core_la_CFLAGS = $(AM_CFLAGS) $(HWLOC_CFLAGS)
libforay_core_la_LIBADD = $(HWLOC_LIBS)

lib_LTLIBRARIES += libforay.la
libforay_la_SOURCES =
libforay_la_LIBADD = libforay-core.la
libforay_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info 0:0:0

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = lib/foray.pc
