/* How many images over time, and how they are distributed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "images/chosen.h"
#include "report/axis.h"
#include "report/html.h"
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

/* Powers of two. */
enum { CLASSES = 64, BAR = 18, BAR_LEFT = 130, BAR_WIDTH = 260 };

struct histogram {
    size_t counts[CLASSES];
    int first, last; /* that have any; last below first: none has */
};

/* Count a number of at least 1. */
static void count(struct histogram *histogram, double number)
{
    int power = number < 1 ? 0 : ilogb(number);

    if (power < CLASSES)
        histogram->counts[power]++;
}

static void find_range(struct histogram *histogram)
{
    histogram->first = 0;
    histogram->last = CLASSES - 1;
    while (histogram->first < CLASSES && !histogram->counts[histogram->first])
        histogram->first++;
    while (histogram->last >= histogram->first &&
           !histogram->counts[histogram->last])
        histogram->last--;
}

/* Writes the label of a class: what it begins with. */
typedef void (*label_fn)(FILE *file, double least);

static void label_pixels(FILE *file, double least)
{
    static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti"};
    size_t unit = 0;

    for (; least >= 1024 && unit < 4; unit++)
        least /= 1024;
    fprintf(file, "%.0f %spixels", least, units[unit]);
}

static void label_time(FILE *file, double least)
{
    char time[HTML_TIME_SIZE];

    fputs(html_time(time, least * 1e-6), file);
}

static void draw_histogram(FILE *file, struct histogram *histogram,
                           const char *name, label_fn label)
{
    double most = (double)most_of(histogram->counts, CLASSES);
    int n;

    find_range(histogram);
    n = histogram->last - histogram->first + 1;
    fprintf(file,
            "<svg class=\"half\" viewBox=\"0 0 480 %d\" role=\"img\" "
            "aria-label=\"%s\">\n",
            (n > 0 ? n : 1) * BAR, name);
    for (int i = 0; i < n; i++) {
        int power = histogram->first + i;
        size_t counted = histogram->counts[power];
        double wide = (double)counted / most * BAR_WIDTH;

        fprintf(file, "<text x=\"%d\" y=\"%d\" class=\"end\">", BAR_LEFT - 8,
                i * BAR + 13);
        label(file, ldexp(1, power));
        fprintf(file,
                "</text><rect class=\"area\" x=\"%d\" y=\"%d\" width=\"%.1f\" "
                "height=\"%d\"/><text x=\"%.1f\" y=\"%d\">%zu</text>\n",
                BAR_LEFT, i * BAR + 2, wide, BAR - 4, BAR_LEFT + wide + 6,
                i * BAR + 13, counted);
    }
    fputs("</svg>\n", file);
}

/* The smallest and the largest by pixels. */
static void tell_range(FILE *file, const struct index *images)
{
    const struct foray_hog_row *least = NULL, *most = NULL;

    for (size_t i = 0; i < images->n; i++) {
        const struct foray_hog_row *row = &images->rows[i];
        double pixels = (double)row->rows * row->cols;

        if (pixels > 0 &&
            (!least || pixels < (double)least->rows * least->cols))
            least = row;
        if (pixels > 0 && (!most || pixels > (double)most->rows * most->cols))
            most = row;
    }
    if (least && most)
        fprintf(file,
                "<p class=\"note\">From %u &#215; %u to %u &#215; %u (rows "
                "&#215; columns).</p>\n",
                least->rows, least->cols, most->rows, most->cols);
}

void report_write_histograms(FILE *file, const struct index *images)
{
    struct histogram sizes = {0}, times = {0};

    for (size_t i = 0; i < images->n; i++) {
        const struct foray_hog_row *row = &images->rows[i];

        if (row->rows && row->cols)
            count(&sizes, (double)row->rows * row->cols);
        if (row->worker >= 0)
            count(&times, (double)row->seconds * 1e6);
    }
    fputs("<div class=\"two\"><section><h2>Sizes</h2>\n", file);
    draw_histogram(file, &sizes, "Images by number of pixels", label_pixels);
    tell_range(file, images);
    fputs("<p class=\"note\">Each bar: from its number to twice that.</p>"
          "</section><section><h2>Time an image</h2>\n",
          file);
    draw_histogram(file, &times, "Images by time", label_time);
    fputs("</section></div>\n", file);
}
