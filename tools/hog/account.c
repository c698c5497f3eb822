#include "hog/account.h"

#include <string.h>

#include "hog/provenance.h"
#include "images/account.h"
#include "report/page.h"
#include "report/pictures.h"
#include "report/trace.h"
#include "shell/message.h"

int hog_account_open(struct hog_account *account, const struct hog_run *run)
{
    if (run->trace && companion_open(&account->trace, run->trace))
        return -1;
    return run->report ? companion_open(&account->report, run->report) : 0;
}

void hog_account_begin(struct hog_account *account)
{
    deaths_begin(&account->deaths);
}

static void make_pictures(struct pictures *out, const struct report *report,
                          const struct hog_run *run,
                          const struct foray_hog_plan *plan)
{
    const struct pictures_of of = {&run->batch, plan, &run->parallel,
                                   report->account->images,
                                   report->account->report->seconds};
    size_t which[REPORT_SLOWEST + REPORT_FAILED];
    size_t n = report->n_failed;

    memcpy(which, report->failed, n * sizeof *which);
    memcpy(which + n, report->slowest, report->n_slowest * sizeof *which);
    pictures_make(out, &of, which, n + report->n_slowest);
}

static int write_report(struct companion *page, const struct account *told,
                        const struct hog_run *run,
                        const struct foray_hog_plan *plan)
{
    struct report report = {.index = run->index};
    struct hog_provenance provenance;
    struct pictures pictures;
    struct foray_error err;

    if (hog_provenance_fill(&provenance, run, plan, told->images->rows,
                            run->drops ? told->report->ok : plan->n, &err)) {
        message("%s: %s", run->report, err.msg);
        return -1;
    }
    report_choose(&report, told);
    make_pictures(&pictures, &report, run, plan);
    report.provenance = &provenance.items;
    report.pictures = &pictures;
    report_write(page->file, &report);
    pictures_free(&pictures);
    return companion_commit(page);
}

int hog_account_end(struct hog_account *account, const struct hog_run *run,
                    const struct foray_hog_plan *plan,
                    const struct index *images, const size_t *where,
                    const struct foray_report *report)
{
    const struct account told = {.command = "foray hog",
                                 .output = run->output,
                                 .images = images,
                                 .where = where,
                                 .report = report,
                                 .deaths = &account->deaths};
    int code = 0;

    if (run->trace && report->tasks)
        code = trace_commit(&account->trace, &told);
    if (run->report && report->tasks &&
        write_report(&account->report, &told, run, plan))
        code = -1;
    companion_close(&account->trace);
    companion_close(&account->report);
    return code;
}
