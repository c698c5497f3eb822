/* The choice of a folder, as other files of this room see it. */
#ifndef FORAY_STORAGE_FOLDER_H
#define FORAY_STORAGE_FOLDER_H

#include <foray/storage.h>

/* What foray_folder_choose answers when the place is memory without a folder.
 */
#define FORAY__MEMFD "memfd:"

/* foray_folder_choose for files that get names, which memory without a folder
 * cannot give. */
int foray__folder_for_names(struct foray_folder *out, const char *wanted,
                            struct foray_error *err);

#endif
