/* Decimal numbers in text, the same in every locale. */
#ifndef FORAY_BASE_NUMBER_H
#define FORAY_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

struct foray__number {
    double value;  /* infinite when it is too large for one */
    bool whole;    /* digits only: no point, no exponent */
    size_t length; /* characters it takes */
};

/* Read the number that `text` begins with: "12", "1.5", ".5", "2.", "1e-3".
 * No sign, no blank, no other base, no word. False when none is there or it
 * has more than 64 digits. */
bool foray__number(struct foray__number *out, const char *text);

#endif
