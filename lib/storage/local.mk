STORAGE_FILES = lib/storage/segment.h
