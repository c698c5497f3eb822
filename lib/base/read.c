#include "base/read.h"

#include <errno.h>
#include <unistd.h>

ssize_t foray__read_at(int fd, void *bytes, size_t nbytes, uint64_t offset)
{
    size_t done = 0;

    while (done < nbytes) {
        ssize_t n = pread(fd, (char *)bytes + done, nbytes - done,
                          (off_t)(offset + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}
