STORAGE_FILES = \
	lib/storage/array_files.c \
	lib/storage/clean.c \
	lib/storage/dataset.c \
	lib/storage/existing.c lib/storage/existing.h \
	lib/storage/file.c lib/storage/file.h \
	lib/storage/folder.c lib/storage/folder.h \
	lib/storage/make.c lib/storage/make.h \
	lib/storage/memory.c lib/storage/memory.h \
	lib/storage/npy_file.c lib/storage/npy_file.h \
	lib/storage/pages.c lib/storage/pages.h \
	lib/storage/partial.c lib/storage/partial.h \
	lib/storage/save.c \
	lib/storage/segment.c lib/storage/segment.h \
	lib/storage/session.c lib/storage/session.h \
	lib/storage/sink.c lib/storage/sink.h \
	lib/storage/size_text.c lib/storage/size_text.h \
	lib/storage/stream.c lib/storage/stream.h
