#include "base/feature.h"

#include <stdlib.h>
#include <string.h>

bool foray__feature(const char *feature)
{
    const char *list = getenv("FORAY_TEST_NO");
    size_t length = strlen(feature);

    while (list && *list) {
        size_t word = strcspn(list, ",");

        if (word == length && !strncmp(list, feature, length))
            return false;
        list += word + (list[word] == ',');
    }
    return true;
}
