IMAGE_FILES =
# Kernels compiled with instruction sets of their own: one noinst library each.
IMAGE_KERNELS =
