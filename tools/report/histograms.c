/* How the images are distributed: by size, and by time. */
#include <math.h>

#include "report/html.h"
#include "report/page.h"

/* Powers of two. */
enum { CLASSES = 64, BAR = 18, BAR_LEFT = 130, BAR_WIDTH = 260 };

struct histogram {
    size_t counts[CLASSES], most; /* of these */
    int first, last; /* that have any; last below first: none has */
};

/* Count a number of at least 1. */
static void count(struct histogram *histogram, double number)
{
    int power = number < 1 ? 0 : ilogb(number);

    if (power < CLASSES && ++histogram->counts[power] > histogram->most)
        histogram->most = histogram->counts[power];
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
        double wide = (double)counted / (double)histogram->most * BAR_WIDTH;

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
