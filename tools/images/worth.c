#include "images/worth.h"

#include "shell/stop.h"

static const double long_enough = 10; /* s */

bool worth_keeping(const struct foray_report *report, size_t before)
{
    return report->ok &&
           (stop_signal() || before || report->seconds >= long_enough);
}
