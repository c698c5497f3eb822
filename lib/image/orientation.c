/* Bins as skimage has them: atan2 in degrees, bounds as products. */
#include "image/orientation.h"

#include <math.h>
#include <string.h>

#include "image/hog_kernel.h"

int foray__orientation_bin(double dy, double dx, int n)
{
    double degrees = fmod(atan2(dy, dx) * (180 / M_PI), 180);
    double width = 180.0 / n;
    int bin;

    if (isnan(degrees))
        return -1;
    if (degrees < 0)
        degrees += 180;
    bin = (int)(degrees / width);
    /* The quotient may round across a bound; the bounds are products. */
    while (bin > 0 && degrees < width * bin)
        bin--;
    while (bin < n && degrees >= width * (bin + 1))
        bin++;
    return bin;
}

/* Bins rise as dx falls. The last dx before each bound is looked for from just
 * above where the bound's direction says: two arctangents a bound, where one
 * each entry would take longer than most images. */
void foray__bin_table(uint8_t *table, int n)
{
    memset(table, 0, FORAY__BIN_STRIDE); /* dy is 0 */
    for (int dy = 1; dy < FORAY__BIN_ROWS; dy++) {
        uint8_t *row = table + dy * FORAY__BIN_STRIDE + 255;
        int dx = 255;

        for (int bin = 0; bin < n; bin++) {
            double bound = bin + 1 < n ? dy / tan(M_PI / n * (bin + 1)) : -256;
            int least = bound < -256 ? -256 : (int)fmin(floor(bound), 255);

            while (least < 255 &&
                   foray__orientation_bin(dy, least + 1, n) > bin)
                least++;
            while (least > -256 && foray__orientation_bin(dy, least, n) <= bin)
                least--;
            for (; dx > least; dx--)
                row[dx] = (uint8_t)bin;
        }
    }
}
