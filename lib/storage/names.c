#include "storage/names.h"

#include <stdio.h>
#include <string.h>

void foray__names_clean(char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < 0x20 || *name == 0x7F)
            *name = '?';
}

void foray__names_add(struct foray__names *names, const char *name)
{
    enum { LONGEST = 36, OTHERS = 8 };
    size_t used = strlen(names->text), room = sizeof names->text - used;

    if (names->full)
        return;
    names->full = room < LONGEST + OTHERS;
    if (names->full)
        snprintf(names->text + used, room, ", ...");
    else
        snprintf(names->text + used, room, "%s\"%.*s\"", used ? ", " : "",
                 LONGEST - OTHERS, name);
    foray__names_clean(names->text + used);
}
