#include "storage/crc.h"

#include <pthread.h>

#include "storage/codec.h"

/* tables[k][b]: what the byte b does to the sum when k bytes follow it, so that
 * eight bytes are looked up at once. */
static uint32_t tables[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* What does it faster, asked for when there is much to sum. */
static foray__crc_fn fast;
static pthread_once_t fast_once = PTHREAD_ONCE_INIT;

static void find_fast(void)
{
    fast = foray__deflate_crc();
}

static void fill_tables(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t sum = b;

        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320U : 0);
        tables[0][b] = sum;
    }
    for (int k = 1; k < 8; k++)
        for (uint32_t b = 0; b < 256; b++)
            tables[k][b] =
                tables[k - 1][b] >> 8 ^ tables[0][tables[k - 1][b] & 0xFF];
}

static uint32_t little(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

uint32_t foray__crc32(uint32_t crc, const void *bytes, size_t nbytes)
{
    enum { MUCH = 1 << 16 };
    const unsigned char *at = bytes;

    if (nbytes >= MUCH) {
        pthread_once(&fast_once, find_fast);
        if (fast)
            return fast(crc, bytes, nbytes);
    }
    pthread_once(&once, fill_tables);
    crc = ~crc;
    for (; nbytes >= 8; nbytes -= 8, at += 8) {
        uint32_t low = crc ^ little(at), high = little(at + 4);

        crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^
              tables[5][low >> 16 & 0xFF] ^ tables[4][low >> 24] ^
              tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^
              tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
    }
    for (; nbytes; nbytes--, at++)
        crc = crc >> 8 ^ tables[0][(crc ^ *at) & 0xFF];
    return ~crc;
}
