/* Integers of 128 bits. */
#ifndef FORAY_BASE_WIDE_H
#define FORAY_BASE_WIDE_H

__extension__ typedef __int128 foray__wide;

#endif
