ARRAY_FILES = \
	lib/array/convert.c lib/array/convert.h \
	lib/array/copy.c \
	lib/array/dtype.c \
	lib/array/extent.c lib/array/extent.h \
	lib/array/half.h \
	lib/array/literal.c lib/array/literal.h \
	lib/array/literal_format.c \
	lib/array/move.c lib/array/move.h \
	lib/array/npy.h \
	lib/array/npy_descr.c lib/array/npy_descr.h \
	lib/array/npy_format.c \
	lib/array/npy_parse.c \
	lib/array/npy_text.c lib/array/npy_text.h \
	lib/array/reshape.c \
	lib/array/slice.c \
	lib/array/text.c lib/array/text.h \
	lib/array/typestring.c lib/array/typestring.h \
	lib/array/view.c \
	lib/array/walk.c lib/array/walk.h
