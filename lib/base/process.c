#include "base/process.h"

#include <unistd.h>

int foray__check_process(pid_t maker, const char *object,
                         struct foray_error *err)
{
    if (getpid() == maker)
        return 0;
    return foray__fail(err, FORAY_EFORK,
                       "%s was made by process %ld and this is its child %ld: "
                       "use it in the process that made it, or make a new one",
                       object, (long)maker, (long)getpid());
}
