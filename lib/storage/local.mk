# file.c has no public function: libforay-hdf5 carries its own.
STORAGE_FILES = \
	lib/storage/array_files.c \
	lib/storage/clean.c \
	lib/storage/bytes.h \
	lib/storage/codec.c lib/storage/codec.h \
	lib/storage/codec_abi.h lib/storage/codec_ops.h \
	lib/storage/codec_bz2.c \
	lib/storage/codec_lz4.c \
	lib/storage/codec_lzma.c \
	lib/storage/codec_zlib.c \
	lib/storage/crc.c lib/storage/crc.h \
	lib/storage/dataset.c lib/storage/dataset.h \
	lib/storage/existing.c lib/storage/existing.h \
	lib/storage/folder.c lib/storage/folder.h \
	lib/storage/input.c lib/storage/input.h \
	lib/storage/joblib.c \
	lib/storage/joblib_file.c lib/storage/joblib_file.h \
	lib/storage/joblib_save.c \
	lib/storage/journal.c lib/storage/journal.h \
	lib/storage/layout.c lib/storage/layout.h \
	lib/storage/make.c lib/storage/make.h \
	lib/storage/medium.c lib/storage/medium.h \
	lib/storage/memory.c lib/storage/memory.h \
	lib/storage/names.c lib/storage/names.h \
	lib/storage/npy_file.c lib/storage/npy_file.h \
	lib/storage/npy_rows.c \
	lib/storage/npz.c \
	lib/storage/npz_file.c lib/storage/npz_file.h \
	lib/storage/npz_save.c \
	lib/storage/output.c lib/storage/output.h \
	lib/storage/pages.c lib/storage/pages.h \
	lib/storage/partial.c lib/storage/partial.h \
	lib/storage/pickle.c lib/storage/pickle.h \
	lib/storage/pickle_code.h \
	lib/storage/pickle_dtype.c \
	lib/storage/pickle_object.c \
	lib/storage/pickle_skip.c \
	lib/storage/pickle_stack.c lib/storage/pickle_stack.h \
	lib/storage/pickle_value.c lib/storage/pickle_value.h \
	lib/storage/pickle_write.c lib/storage/pickle_write.h \
	lib/storage/pickle_write_dtype.c \
	lib/storage/pickle_writer.c lib/storage/pickle_writer.h \
	lib/storage/save.c lib/storage/save.h \
	lib/storage/segment.c lib/storage/segment.h \
	lib/storage/session.c lib/storage/session.h \
	lib/storage/sink.c lib/storage/sink.h \
	lib/storage/size_text.c lib/storage/size_text.h \
	lib/storage/stream.c lib/storage/stream.h \
	lib/storage/texts.c \
	lib/storage/zip.c lib/storage/zip.h \
	lib/storage/zip_write.c lib/storage/zip_write.h
