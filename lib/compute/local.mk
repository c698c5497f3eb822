COMPUTE_FILES = \
	lib/compute/arguments.c lib/compute/arguments.h \
	lib/compute/atomic.c \
	lib/compute/chunk.c lib/compute/chunk.h \
	lib/compute/elements.c lib/compute/elements.h \
	lib/compute/extremes.c \
	lib/compute/map.c lib/compute/map.h \
	lib/compute/overlap.c lib/compute/overlap.h \
	lib/compute/random.c \
	lib/compute/reduce.c \
	lib/compute/sum.c \
	lib/compute/whole_array.c lib/compute/whole_array.h
