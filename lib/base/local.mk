# No public symbol here: libforay and libforay-image each carry their own.
BASE_FILES = \
	lib/base/cgroup.c lib/base/cgroup.h \
	lib/base/clock.c lib/base/clock.h \
	lib/base/error.c lib/base/error.h \
	lib/base/expression.c lib/base/expression.h \
	lib/base/feature.c lib/base/feature.h \
	lib/base/leave.c lib/base/leave.h \
	lib/base/number.c lib/base/number.h \
	lib/base/process.c lib/base/process.h \
	lib/base/read.c lib/base/read.h \
	lib/base/root.c lib/base/root.h \
	lib/base/sha256.c lib/base/sha256.h \
	lib/base/size.c lib/base/size.h \
	lib/base/symbol.c lib/base/symbol.h \
	lib/base/wide.h
BASE_PUBLIC_FILES = lib/base/error_backtrace.c \
	lib/base/error_name.c lib/base/lines.h lib/base/size_parse.c
if WITH_LIBDW
BASE_PUBLIC_FILES += lib/base/lines_libdw.c
else
BASE_PUBLIC_FILES += lib/base/lines_none.c
endif
