#include "storage/size_text.h"

#include <stdio.h>

struct foray__size_text foray__size_text(size_t nbytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB",
                                        "TiB", "PiB", "EiB"};
    struct foray__size_text out;
    double size = (double)nbytes / 1024;
    size_t unit = 0;

    if (nbytes < 10240) {
        snprintf(out.text, sizeof out.text, "%zu bytes", nbytes);
        return out;
    }
    for (; size >= 1024 && unit < 5; unit++)
        size /= 1024;
    snprintf(out.text, sizeof out.text, "%.1f %s", size, units[unit]);
    return out;
}
