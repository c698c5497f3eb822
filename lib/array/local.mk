ARRAY_FILES = lib/array/npy.h
