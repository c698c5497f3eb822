/* Any bytes as a .npz file: see files.h.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <foray/npz.h>

#include "files.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    static const struct format format = {foray_npz_list, foray_npz_open,
                                         foray_npz_load};

    check_file(&format, bytes, nbytes);
    return 0;
}
