COMPUTE_FILES = \
	lib/compute/arguments.c lib/compute/arguments.h \
	lib/compute/atomic.c \
	lib/compute/chunk.c lib/compute/chunk.h \
	lib/compute/map.c \
	lib/compute/overlap.c lib/compute/overlap.h \
	lib/compute/random.c
