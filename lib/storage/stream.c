#include "storage/stream.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>

/* Beyond what a last-level cache would keep for the next reader. */
enum { MIN_STREAM = 16 << 20 };

static void stream(char *dst, const char *src, size_t nbytes)
{
    for (size_t i = 0; i < nbytes; i += 64) {
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(src + i));
        __m128i b =
            _mm_loadu_si128((const __m128i *)(const void *)(src + i + 16));
        __m128i c =
            _mm_loadu_si128((const __m128i *)(const void *)(src + i + 32));
        __m128i d =
            _mm_loadu_si128((const __m128i *)(const void *)(src + i + 48));

        _mm_stream_si128((__m128i *)(void *)(dst + i), a);
        _mm_stream_si128((__m128i *)(void *)(dst + i + 16), b);
        _mm_stream_si128((__m128i *)(void *)(dst + i + 32), c);
        _mm_stream_si128((__m128i *)(void *)(dst + i + 48), d);
    }
    _mm_sfence();
}

void foray__stream_copy(void *dst, const void *src, size_t nbytes)
{
    size_t head = -(uintptr_t)dst & 63, middle;

    if (nbytes < MIN_STREAM) {
        memcpy(dst, src, nbytes);
        return;
    }
    middle = (nbytes - head) / 64 * 64;
    memcpy(dst, src, head);
    stream((char *)dst + head, (const char *)src + head, middle);
    memcpy((char *)dst + head + middle, (const char *)src + head + middle,
           nbytes - head - middle);
}
#else
void foray__stream_copy(void *dst, const void *src, size_t nbytes)
{
    memcpy(dst, src, nbytes);
}
#endif
