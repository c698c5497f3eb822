/* The checksum of zip archives: CRC-32 with the polynomial of IEEE 802.3. */
#ifndef FORAY_STORAGE_CRC_H
#define FORAY_STORAGE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Go on from `crc`, 0 at the beginning. */
uint32_t foray__crc32(uint32_t crc, const void *bytes, size_t nbytes);

#endif
