/* The parts of other libraries' interfaces that are used, declared here, so
 * that no header of theirs is needed to build: each is stable under its soname.
 * tests/unit/test_codec.c compares them with the headers that are installed.
 * Sources: zlib.h of zlib 1.2, bzlib.h of bzip2 1.0, lzma/base.h of xz 5,
 * lz4frame.h of lz4 1.7. */
#ifndef FORAY_STORAGE_CODEC_ABI_H
#define FORAY_STORAGE_CODEC_ABI_H

#include <stddef.h>
#include <stdint.h>

struct foray__z_stream {
    const unsigned char *next_in;
    unsigned avail_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned avail_out;
    unsigned long total_out;
    const char *msg;
    void *state, *zalloc, *zfree, *opaque;
    int data_type;
    unsigned long adler, reserved;
};

enum {
    FORAY__Z_OK = 0,
    FORAY__Z_STREAM_END = 1,
    FORAY__Z_MEM_ERROR = -4,
    FORAY__Z_BUF_ERROR = -5,
    FORAY__Z_FINISH = 4,
    FORAY__Z_DEFLATED = 8
};

struct foray__bz_stream {
    const unsigned char *next_in;
    unsigned avail_in, total_in_low, total_in_high;
    unsigned char *next_out;
    unsigned avail_out, total_out_low, total_out_high;
    void *state, *bzalloc, *bzfree, *opaque;
};

enum {
    FORAY__BZ_STREAM_END = 4,
    FORAY__BZ_MEM_ERROR = -3,
    FORAY__BZ_RUN = 0,
    FORAY__BZ_FINISH = 2
};

struct foray__lzma_stream {
    const unsigned char *next_in;
    size_t avail_in;
    uint64_t total_in;
    unsigned char *next_out;
    size_t avail_out;
    uint64_t total_out;
    const void *allocator;
    void *internal, *reserved_pointers[4];
    uint64_t seek_pos, reserved_int2;
    size_t reserved_int3, reserved_int4;
    int reserved_enum1, reserved_enum2;
};

/* lzma_options_lzma, which only the library looks into. */
union foray__lzma_options {
    char bytes[512];
    uint64_t number;
    void *pointer;
};

enum {
    FORAY__LZMA_OK = 0,
    FORAY__LZMA_STREAM_END = 1,
    FORAY__LZMA_MEM_ERROR = 5,
    FORAY__LZMA_MEMLIMIT_ERROR = 6,
    FORAY__LZMA_BUF_ERROR = 10,
    FORAY__LZMA_FINISH = 3,
    FORAY__LZMA_CHECK_CRC64 = 4,
    FORAY__LZMA_CONCATENATED = 8
};

struct foray__lz4_preferences {
    struct {
        int block_size, block_mode, content_checksum, frame_type;
        unsigned long long content_size;
        unsigned dictionary;
        int block_checksum;
    } frame;
    int level;
    unsigned auto_flush, favor_decompression, reserved[3];
};

enum { FORAY__LZ4_VERSION = 100 };

#endif
