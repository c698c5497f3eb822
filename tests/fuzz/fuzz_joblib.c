/* Any bytes as a joblib file: see files.h.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <foray/joblib.h>

#include "files.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    static const struct format format = {foray_joblib_list, foray_joblib_open,
                                         foray_joblib_load};

    check_file(&format, bytes, nbytes);
    return 0;
}
