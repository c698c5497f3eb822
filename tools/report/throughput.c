/* How many images were done over time. */
#include <string.h>

#include "images/chosen.h"
#include "report/axis.h"
#include "report/page.h"

enum { BINS = 200, HEIGHT = 160 };

struct throughput {
    double seconds;
    size_t done[BINS], failed[BINS];
};

static void fill(struct throughput *out, const struct account *account)
{
    const struct index *images = account->images;

    memset(out, 0, sizeof *out);
    out->seconds = report_seconds(account);
    for (size_t i = 0; i < images->n; i++) {
        const struct foray_hog_row *row = &images->rows[i];
        double end = row->begin + (double)row->seconds;
        int bin = (int)(end / out->seconds * BINS);

        if (row->worker < 0 || row->status == FORAY_IMAGE_STATUS_NOT_RUN)
            continue;
        bin = bin < 0 ? 0 : bin < BINS ? bin : BINS - 1;
        out->done[bin]++;
        out->failed[bin] += chosen_has_failed(row);
    }
}

static size_t most_of(const size_t *counts, size_t n)
{
    size_t most = 1;

    for (size_t i = 0; i < n; i++)
        most = counts[i] > most ? counts[i] : most;
    return most;
}

static void draw_steps(FILE *file, const char *name, const size_t *counts,
                       double most)
{
    const double wide = (double)REPORT_WIDTH / BINS;

    fprintf(file, "<path class=\"%s\" d=\"M%d %d", name, REPORT_LEFT, HEIGHT);
    for (int i = 0; i < BINS; i++)
        fprintf(file, "V%.1fh%.0f", HEIGHT - (double)counts[i] / most * HEIGHT,
                wide);
    fprintf(file, "V%dz\"/>\n", HEIGHT);
}

/* "1,234" without the comma; small ones with a digit. */
static void label_rate(FILE *file, double rate, int y)
{
    fprintf(file,
            "<path class=\"grid\" d=\"M%d %dh%d\"/><text x=\"%d\" y=\"%d\" "
            "class=\"end\">%.*f/s</text>\n",
            REPORT_LEFT, y, REPORT_WIDTH, REPORT_LEFT - 8, y + 10,
            rate < 10 ? 1 : 0, rate);
}

void report_write_throughput(FILE *file, const struct account *account)
{
    struct throughput throughput;
    double most, a_second;

    fill(&throughput, account);
    most = (double)most_of(throughput.done, BINS);
    a_second = BINS / throughput.seconds;
    fputs("<section><h2>Images a second</h2>\n", file);
    report_begin_drawing(file, HEIGHT, "Images done a second over time");
    draw_steps(file, "area", throughput.done, most);
    draw_steps(file, "area bad", throughput.failed, most);
    label_rate(file, most * a_second, 0);
    label_rate(file, most * a_second / 2, HEIGHT / 2);
    report_end_drawing(file, HEIGHT, throughput.seconds);
    fputs("</section>\n", file);
}
