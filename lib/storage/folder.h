/* What foray_folder_choose answers when the place is memory without a folder.
 */
#ifndef FORAY_STORAGE_FOLDER_H
#define FORAY_STORAGE_FOLDER_H

#define FORAY__MEMFD "memfd:"

#endif
