### libforay-linalg: products, Gram matrices, nearest rows, with OpenBLAS
if WITH_OPENBLAS
noinst_LTLIBRARIES += libforay-linalg-core.la
libforay_linalg_core_la_SOURCES = \
	lib/linalg/gemm.c lib/linalg/gemm.h \
	lib/linalg/gram.c \
	lib/linalg/knn.c \
	lib/linalg/matmul.c \
	lib/linalg/matrices.c lib/linalg/matrices.h \
	lib/linalg/nearest.c lib/linalg/nearest.h \
	lib/linalg/search.c lib/linalg/search.h \
	lib/linalg/standardize.c \
	lib/linalg/tiles.c lib/linalg/tiles.h
libforay_linalg_core_la_CFLAGS = $(LIBRARY_CFLAGS) $(FORAY_VECTOR_CFLAGS) \
	$(OPENBLAS_CFLAGS)
libforay_linalg_core_la_LIBADD = $(OPENBLAS_LIBS)

lib_LTLIBRARIES += libforay-linalg.la
libforay_linalg_la_SOURCES =
libforay_linalg_la_LIBADD = libforay-linalg-core.la libforay-base.la libforay.la
libforay_linalg_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined -version-info 0:0:0
pkgconfig_DATA += lib/foray-linalg.pc
endif
