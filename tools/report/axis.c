#include "report/axis.h"

#include <math.h>

#include "report/html.h"

double report_seconds(const struct account *account)
{
    const struct index *images = account->images;
    double seconds = account->report->seconds;

    for (size_t i = 0; i < images->n; i++)
        if (images->rows[i].worker >= 0)
            seconds = fmax(seconds, images->rows[i].begin +
                                        (double)images->rows[i].seconds);
    return fmax(seconds, 1e-6);
}

/* 1, 2 or 5 of a power of ten, or whole minutes or hours, of which a few make
 * the whole. */
static double step_of(double seconds)
{
    static const double longer[] = {120,  300,  600,   1200,  1800,
                                    3600, 7200, 14400, 28800, 86400};
    double least = seconds / 8, power = pow(10, floor(log10(least)));

    if (least <= 60)
        return least <= power       ? power
               : least <= 2 * power ? 2 * power
               : least <= 5 * power ? 5 * power
               : power < 10         ? 10 * power
                                    : 60;
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++)
        if (least <= longer[i])
            return longer[i];
    return 86400 * ceil(least / 86400);
}

void report_begin_drawing(FILE *file, int height, const char *name)
{
    fprintf(file,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
            REPORT_LEFT + REPORT_WIDTH + 10, height + REPORT_BELOW, name);
}

void report_end_drawing(FILE *file, int height, double seconds)
{
    double step = step_of(seconds);
    char time[HTML_TIME_SIZE];

    for (int i = 0; i * step <= seconds * 1.0001; i++) {
        double x = REPORT_LEFT + i * step / seconds * REPORT_WIDTH;

        fprintf(file,
                "<path class=\"grid\" d=\"M%.1f 0v%d\"/><text x=\"%.1f\" "
                "y=\"%d\" class=\"mid\">%s</text>\n",
                x, height + 4, x, height + 18,
                i ? html_time(time, i * step) : "0");
    }
    fputs("</svg>\n", file);
}
