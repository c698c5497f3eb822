#include "storage/stream.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#include <unistd.h>

/* What the last-level cache would keep for the next reader. Some machines add
 * up the caches of all sockets, others say nothing. */
static size_t cache_size(void)
{
    enum { MOST = 32 << 20 };
    long nbytes = sysconf(_SC_LEVEL3_CACHE_SIZE);

    return nbytes > 0 && nbytes < MOST ? (size_t)nbytes : MOST;
}

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

    if (nbytes <= cache_size()) {
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
