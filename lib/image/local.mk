IMAGE_FILES =
IMAGE_FILES += lib/image/batch.c lib/image/batch_plan.c \
	lib/image/batch_task.c lib/image/batch_task.h
IMAGE_FILES += lib/image/scratch.c lib/image/scratch.h
# Kernels compiled with instruction sets of their own: one noinst library each.
IMAGE_KERNELS =
