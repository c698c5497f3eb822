/* The workers over time: how busy each was, and the images that took the
 * longest. */
#include <math.h>
#include <stdlib.h>

#include "images/chosen.h"
#include "report/axis.h"
#include "report/html.h"
#include "report/page.h"

/* More workers share a lane; a lane has columns, whose busy share has a few
 * levels; of the slowest images so many are drawn. */
enum { LANES = 48, COLUMNS = 500, LEVELS = 4, DRAWN = 300 };
enum { STEP = 15, THICK = 11, WIDE = REPORT_WIDTH / COLUMNS };

struct timeline {
    const struct account *account;
    double seconds;
    int n_lanes, each; /* workers of a lane */
    float busy[LANES][COLUMNS];
    bool failed[LANES][COLUMNS];
};

static int lane_of(const struct timeline *timeline, int worker)
{
    int lane = worker / timeline->each;

    return lane < timeline->n_lanes ? lane : timeline->n_lanes - 1;
}

static int column_of(const struct timeline *timeline, double seconds)
{
    int column = (int)(seconds / timeline->seconds * COLUMNS);

    return column < 0 ? 0 : column < COLUMNS ? column : COLUMNS - 1;
}

/* An image's time into the columns that it touches, as shares of them. */
static void add_image(struct timeline *timeline,
                      const struct foray_hog_row *row)
{
    double width = timeline->seconds / COLUMNS;
    double end = row->begin + (double)row->seconds;
    int lane = lane_of(timeline, row->worker);
    int last = column_of(timeline, end);

    for (int k = column_of(timeline, row->begin); k <= last; k++) {
        double from = fmax(row->begin, k * width);
        double to = fmin(end, (k + 1) * width);

        if (to > from)
            timeline->busy[lane][k] +=
                (float)((to - from) / width / timeline->each);
    }
    if (chosen_has_failed(row))
        timeline->failed[lane][last] = true;
}

static void fill(struct timeline *timeline, const struct account *account)
{
    const struct index *images = account->images;
    int workers = account->report->workers > 0 ? account->report->workers : 1;

    timeline->account = account;
    timeline->seconds = report_seconds(account);
    timeline->each = (workers + LANES - 1) / LANES;
    timeline->n_lanes = (workers + timeline->each - 1) / timeline->each;
    for (size_t i = 0; i < images->n; i++)
        if (images->rows[i].worker >= 0)
            add_image(timeline, &images->rows[i]);
}

/* 0: idle. */
static int level_of(float busy)
{
    int level = (int)ceilf(busy * LEVELS - 0.02F);

    return level < 0 ? 0 : level < LEVELS ? level : LEVELS;
}

static void draw_level(FILE *file, const struct timeline *timeline, int level)
{
    fprintf(file, "<path class=\"busy%d\" d=\"", level);
    for (int lane = 0; lane < timeline->n_lanes; lane++)
        for (int k = 0; k < COLUMNS;) {
            int from = k;

            while (k < COLUMNS && level_of(timeline->busy[lane][k]) == level)
                k++;
            if (k > from)
                fprintf(file, "M%d %dh%dv%dh-%dz", REPORT_LEFT + WIDE * from,
                        lane * STEP, WIDE * (k - from), THICK,
                        WIDE * (k - from));
            k += k == from;
        }
    fputs("\"/>\n", file);
}

static void draw_failed(FILE *file, const struct timeline *timeline)
{
    fputs("<path class=\"fail\" d=\"", file);
    for (int lane = 0; lane < timeline->n_lanes; lane++)
        for (int k = 0; k < COLUMNS; k++)
            if (timeline->failed[lane][k])
                fprintf(file, "M%d %dv%d", REPORT_LEFT + WIDE * k + 1,
                        lane * STEP - 1, THICK + 2);
    fputs("\"/>\n", file);
}

static void draw_image(FILE *file, const struct timeline *timeline, size_t i)
{
    const struct index *images = timeline->account->images;
    const struct foray_hog_row *row = &images->rows[i];
    double scale = REPORT_WIDTH / timeline->seconds;
    char name[INDEX_NAME_SIZE], time[HTML_TIME_SIZE];

    fprintf(file,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" "
            "height=\"%d\"><title>",
            chosen_has_failed(row) ? "image bad" : "image",
            REPORT_LEFT + row->begin * scale,
            lane_of(timeline, row->worker) * STEP, (double)row->seconds * scale,
            THICK);
    html_text(file, index_name(name, i, images));
    fprintf(file, "&#10;%s, %s</title></rect>\n",
            html_time(time, (double)row->seconds),
            foray_image_status_name((enum foray_image_status)row->status));
}

/* Those that are wide enough to be seen. */
static void draw_slowest(FILE *file, const struct timeline *timeline)
{
    const struct index *images = timeline->account->images;
    size_t slowest[DRAWN];
    size_t n =
        timeline->each > 1 ? 0 : chosen_slowest(slowest, DRAWN, false, images);

    for (size_t k = 0; k < n; k++) {
        double seconds = (double)images->rows[slowest[k]].seconds;

        if (seconds * COLUMNS >= timeline->seconds)
            draw_image(file, timeline, slowest[k]);
    }
}

static void draw_deaths(FILE *file, const struct timeline *timeline)
{
    const struct deaths *deaths = timeline->account->deaths;

    for (size_t i = 0; i < deaths->n; i++) {
        const struct death *death = &deaths->items[i];
        double at = fmin(death->seconds / timeline->seconds, 1);

        fprintf(file,
                "<path class=\"dead\" d=\"M%.1f %dl-5 -6h10z\"><title>worker "
                "%d (process %d) died%s</title></path>\n",
                REPORT_LEFT + at * REPORT_WIDTH,
                lane_of(timeline, death->what.worker) * STEP + 7,
                death->what.worker, (int)death->what.pid,
                death->what.successor ? " and was replaced" : "");
    }
}

static void draw_labels(FILE *file, const struct timeline *timeline)
{
    for (int lane = 0; lane < timeline->n_lanes; lane++) {
        int first = lane * timeline->each, last = first + timeline->each - 1;

        fprintf(file, "<text x=\"%d\" y=\"%d\" class=\"end\">", REPORT_LEFT - 8,
                lane * STEP + THICK - 1);
        if (timeline->each == 1)
            fprintf(file, "worker %d</text>\n", first);
        else
            fprintf(file, "%d &#8211; %d</text>\n", first, last);
    }
}

void report_write_timeline(FILE *file, const struct account *account)
{
    struct timeline *timeline = calloc(1, sizeof *timeline);
    int height;

    fputs("<section><h2>Workers</h2>\n", file);
    if (!timeline) {
        fputs("<p>There was no memory for it.</p></section>\n", file);
        return;
    }
    fill(timeline, account);
    height = timeline->n_lanes * STEP;
    report_begin_drawing(file, height, "What the workers did over time");
    for (int level = 1; level <= LEVELS; level++)
        draw_level(file, timeline, level);
    draw_slowest(file, timeline);
    draw_failed(file, timeline);
    draw_deaths(file, timeline);
    draw_labels(file, timeline);
    report_end_drawing(file, height, timeline->seconds);
    fputs("<p class=\"note\">The darker, the busier. Framed: the images that "
          "took the longest; point at one for its name. Red: an image that "
          "failed; a triangle: a worker that died.</p></section>\n",
          file);
    free(timeline);
}
