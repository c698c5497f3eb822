#include "hdf5/lzf_plugin.h"

#include "hdf5/lzf.h"

/* In memory that the library frees. 0: the filter fails, or is skipped. */
static size_t run(unsigned flags, size_t n_values, const unsigned values[],
                  size_t size, size_t *room, void **buffer)
{
    size_t nbytes;
    void *out;

    (void)n_values;
    (void)values;
    if (!(flags & H5Z_FLAG_REVERSE))
        return 0;
    nbytes = foray__lzf_size(*buffer, size);
    out = nbytes ? H5allocate_memory(nbytes, false) : NULL;
    if (!out || !foray__lzf_unpack(*buffer, size, out, nbytes)) {
        H5free_memory(out);
        return 0;
    }
    H5free_memory(*buffer);
    *buffer = out;
    *room = nbytes;
    return nbytes;
}

void foray__h5_lzf_register(void)
{
    static const H5Z_class2_t filter = {.version = H5Z_CLASS_T_VERS,
                                        .id = FORAY__H5_LZF_ID,
                                        .encoder_present = 1,
                                        .decoder_present = 1,
                                        .name = "lzf",
                                        .filter = run};

    H5Zregister(&filter);
}
