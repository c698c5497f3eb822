/* Whether what a run did before its time was over is to be gone on with. */
#ifndef FORAY_TOOLS_IMAGES_WORTH_H
#define FORAY_TOOLS_IMAGES_WORTH_H

#include <stdbool.h>

#include <foray/map.h>

/* Of a run that found `before` tasks done when it began. What failed at once is
 * quicker begun anew than explained. */
bool worth_keeping(const struct foray_report *report, size_t before);

#endif
