#include "engine/pair.h"

#include <errno.h>
#include <unistd.h>

#include "storage/file.h"

int foray__pair_made(int failed, int ends[2])
{
    if (failed)
        return -1;
    for (int i = 0; i < 2; i++)
        ends[i] = foray__above_streams(ends[i]);
    if (ends[0] >= 0 && ends[1] >= 0)
        return 0;
    foray__pair_close(ends);
    return -1;
}

void foray__pair_close(int ends[2])
{
    int why = errno;

    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    ends[0] = ends[1] = -1;
    errno = why;
}
