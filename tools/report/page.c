/* The page: its head, the numbers that say most, its parts, the options. */
#include "report/page.h"

#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "images/chosen.h"
#include "report/html.h"
#include "report/style.h"
#include "shell/stop.h"

/* Nothing is loaded, nothing is run: also what a name would smuggle in. */
static const char policy[] =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

static void write_head(FILE *file, const struct account *account)
{
    fprintf(file,
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
            "charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
            "<meta name=\"viewport\" content=\"width=device-width\">\n"
            "<title>%s: ",
            policy, account->command);
    html_text(file, account->output);
    fprintf(file, "</title>\n<style>\n%s</style></head><body>\n", report_style);
    fprintf(file, "<h1>%s: ", account->command);
    html_text(file, account->output);
    fputs("</h1>\n<p class=\"sub\">foray " PACKAGE_VERSION "</p>\n", file);
}

/* What the whole page is about. */
struct totals {
    size_t begun, failed;
    double seconds, read_seconds; /* of all workers */
};

static void add_up(struct totals *out, const struct index *images)
{
    *out = (struct totals){0};
    for (size_t i = 0; i < images->n; i++) {
        const struct foray_hog_row *row = &images->rows[i];

        out->failed += chosen_has_failed(row);
        if (row->worker < 0)
            continue;
        out->begun++;
        out->seconds += (double)row->seconds;
        out->read_seconds += (double)row->read_seconds;
    }
}

static void write_tile(FILE *file, const char *value, const char *name)
{
    fprintf(file, "<div><b>%s</b><span>%s</span></div>\n", value, name);
}

static void write_share(FILE *file, double part, double whole, const char *name)
{
    char value[32];

    if (whole <= 0)
        return;
    snprintf(value, sizeof value, "%.0f %%", fmin(part / whole, 1) * 100);
    write_tile(file, value, name);
}

static void write_tiles(FILE *file, const struct account *account)
{
    const struct foray_report *report = account->report;
    struct totals totals;
    char value[HTML_TIME_SIZE];

    add_up(&totals, account->images);
    fputs("<div class=\"tiles\">\n", file);
    snprintf(value, sizeof value, "%zu", account->images->n);
    write_tile(file, value, "images");
    snprintf(value, sizeof value, "%zu", totals.failed);
    write_tile(file, value, "failed");
    write_tile(file, html_time(value, report->seconds), "run time");
    if (report->seconds > 0) {
        snprintf(value, sizeof value, "%.*f/s", 1,
                 (double)totals.begun / report->seconds);
        write_tile(file, value, "images a second");
    }
    snprintf(value, sizeof value, "%d", report->workers);
    write_tile(file, value, "workers");
    write_share(file, totals.seconds, report->seconds * report->workers,
                "of their time at work");
    write_share(file, totals.read_seconds, totals.seconds,
                "of that reading images");
    if (account->deaths->total) {
        snprintf(value, sizeof value, "%zu", account->deaths->total);
        write_tile(file, value, "workers died");
    }
    fputs("</div>\n", file);
}

/* What one has to know to read the rest. */
static void write_warnings(FILE *file, const struct account *account)
{
    const struct foray_report *report = account->report;

    if (report->not_run)
        fprintf(file,
                "<p class=\"warn\">The run ended before its time%s: %zu of %zu "
                "images were not done.</p>\n",
                stop_signal() ? ", by a signal" : "", report->not_run,
                account->images->n);
    if (report->resumed)
        fprintf(file,
                "<p class=\"warn\">%zu of %zu images had been done before, by "
                "runs that were interrupted: times and workers are those of "
                "the last run, and of the %zu images that it was left.</p>\n",
                report->resumed, account->images->n,
                account->images->n - report->resumed);
}

static void write_value(FILE *file, const struct provenance_item *item)
{
    char *text = NULL;
    size_t size;
    FILE *value = open_memstream(&text, &size);

    if (!value)
        return;
    provenance_write_value(value, item);
    if (!fclose(value))
        html_text(file, text);
    free(text);
}

static void write_provenance(FILE *file, const struct provenance *provenance)
{
    fputs("<section><h2>What it is made of, and how</h2>\n<table>\n", file);
    for (int i = 0; i < provenance->n; i++) {
        const struct provenance_item *item = &provenance->items[i];

        fprintf(file, "<tr><th>%s%s%s</th><td>", item->group ? item->group : "",
                item->group ? "." : "", item->name);
        write_value(file, item);
        fputs("</td></tr>\n", file);
    }
    fputs("</table></section>\n", file);
}

void report_choose(struct report *report, const struct account *account)
{
    report->account = account;
    report->n_slowest =
        chosen_slowest(report->slowest, REPORT_SLOWEST, true, account->images);
    report->n_failed = chosen_failed(report->failed, REPORT_FAILED,
                                     REPORT_OF_STATUS, account->images);
}

void report_write(FILE *file, const struct report *report)
{
    const struct account *account = report->account;

    write_head(file, account);
    write_warnings(file, account);
    write_tiles(file, account);
    report_write_timeline(file, account);
    report_write_throughput(file, account);
    report_write_images(file, report);
    report_write_histograms(file, account->images);
    write_provenance(file, report->provenance);
    fputs("</body></html>\n", file);
}
