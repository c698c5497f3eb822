#include "shell/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

#include "shell/command.h"
#include "shell/message.h"

void streams_hold(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            int held = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

            (void)open("/dev/null", held); /* takes the lowest number */
        }
}

int streams_close(int status)
{
    bool failed = ferror(stdout), has_words = __fpending(stdout);

    errno = 0;
    failed |= fclose(stdout) && (has_words || errno != EBADF);
    if (!failed)
        return status;
    message("standard output: %s", strerror(errno ? errno : EIO));
    return status == STATUS_DONE ? STATUS_FAILED : status;
}
