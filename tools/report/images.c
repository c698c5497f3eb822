/* The slowest images, and those that failed, with their pictures. */
#include "images/chosen.h"
#include "report/html.h"
#include "report/page.h"

/* Failures that are listed without a picture. */
enum { LISTED = 200 };

static void write_picture(FILE *file, const struct picture_file *picture,
                          const char *what)
{
    if (!picture)
        return;
    fputs("<img src=\"", file);
    html_picture(file, picture->bytes, picture->n);
    fprintf(file, "\" alt=\"%s\">", what);
}

static void write_pictures(FILE *file, const struct pictures *pictures,
                           size_t k)
{
    const struct picture_file *photo = pictures_photo(pictures, k);
    const struct picture_file *glyphs = pictures_glyphs(pictures, k);

    fputs("<div class=\"pictures\">", file);
    write_picture(file, photo, "the image");
    write_picture(file, glyphs, "its features");
    if (!photo && !glyphs)
        fputs("<span class=\"none\">no picture</span>", file);
    fputs("</div>", file);
}

static void write_facts(FILE *file, const struct account *account, size_t i)
{
    const struct foray_hog_row *row = &account->images->rows[i];
    char time[HTML_TIME_SIZE];

    fprintf(file, "<p>row %zu", account_row(account, i));
    if (row->rows)
        fprintf(file, ", %u &#215; %u", row->rows, row->cols);
    if (row->worker >= 0)
        fprintf(file, ", %s", html_time(time, (double)row->seconds));
    if (row->read_seconds > 0)
        fprintf(file, " (read in %s)",
                html_time(time, (double)row->read_seconds));
    if (row->worker >= 0)
        fprintf(file, ", worker %d", row->worker);
    fputs("</p>", file);
    if (row->status == FORAY_IMAGE_STATUS_OK)
        return;
    fprintf(file, "<p class=\"why\"><b>%s</b> ",
            foray_image_status_name((enum foray_image_status)row->status));
    html_text(file, row->message ? row->message : "");
    fputs("</p>", file);
}

/* Image i, of which the k-th pictures are. */
static void write_card(FILE *file, const struct report *report, size_t i,
                       size_t k)
{
    const struct index *images = report->account->images;
    char name[INDEX_NAME_SIZE];

    fputs("<figure>", file);
    write_pictures(file, report->pictures, k);
    fputs("<figcaption><h3>", file);
    html_text(file, index_name(name, i, images));
    fputs("</h3>", file);
    write_facts(file, report->account, i);
    fputs("</figcaption></figure>\n", file);
}

static void write_slowest(FILE *file, const struct report *report)
{
    fputs("<section><h2>The slowest</h2>\n<div class=\"cards\">\n", file);
    for (size_t k = 0; k < report->n_slowest; k++)
        write_card(file, report, report->slowest[k], report->n_failed + k);
    fputs(
        "</div>\n<p class=\"note\">Left the image, right its features, method "
        "skimage: of the image as it was described, if that has at most 256 "
        "rows and columns, else of the small picture, in cells of 8 &#215; "
        "8.</p></section>\n",
        file);
}

static bool has_card(const struct report *report, size_t i)
{
    for (size_t k = 0; k < report->n_failed; k++)
        if (report->failed[k] == i)
            return true;
    return false;
}

/* Those without a card, a line each. */
static void list_others(FILE *file, const struct report *report)
{
    const struct index *images = report->account->images;
    size_t n = 0, listed = 0;
    char name[INDEX_NAME_SIZE];

    for (size_t i = 0; i < images->n; i++) {
        const struct foray_hog_row *row = &images->rows[i];

        if (!chosen_has_failed(row) || has_card(report, i))
            continue;
        if (n++ >= LISTED)
            continue;
        fprintf(file, "%s<tr><td>%zu</td><td>%s</td><td class=\"path\">",
                listed++ ? "" : "<table>", account_row(report->account, i),
                foray_image_status_name((enum foray_image_status)row->status));
        html_text(file, index_name(name, i, images));
        fputs("</td><td>", file);
        html_text(file, row->message ? row->message : "");
        fputs("</td></tr>\n", file);
    }
    if (listed)
        fputs("</table>\n", file);
    if (n == listed)
        return;
    fprintf(file, "<p class=\"note\">And %zu more", n - listed);
    if (report->index) {
        fputs(", all of them in ", file);
        html_text(file, report->index);
    }
    fputs(".</p>\n", file);
}

static void write_failed(FILE *file, const struct report *report)
{
    fputs("<section><h2>Failed</h2>\n<div class=\"cards\">\n", file);
    for (size_t k = 0; k < report->n_failed; k++)
        write_card(file, report, report->failed[k], k);
    fputs("</div>\n", file);
    list_others(file, report);
    fputs("</section>\n", file);
}

void report_write_images(FILE *file, const struct report *report)
{
    if (report->n_failed)
        write_failed(file, report);
    if (report->n_slowest)
        write_slowest(file, report);
}
