#include "storage/pickle_write.h"

#include <string.h>

#include <foray/storage.h>

#include "storage/make.h"
#include "storage/pickle_writer.h"

enum { ALIGN = 64 };

static void put_shape(struct foray__pickle_writer *out, int ndim,
                      const size_t *shape)
{
    foray__pickle_write_codes(out, "(");
    for (int k = 0; k < ndim; k++)
        foray__pickle_write_integer(out, shape[k]);
    foray__pickle_write_codes(out, "t");
}

int foray__pickle_begin(struct foray__output *output, struct foray_error *err)
{
    return foray__output_put(output, "\x80\x04", 2, err);
}

int foray__pickle_end(struct foray__output *output, struct foray_error *err)
{
    return foray__output_put(output, ".", 1, err);
}

int foray__pickle_put_list(struct foray__output *output,
                           struct foray_error *err)
{
    return foray__output_put(output, "]", 1, err);
}

int foray__pickle_end_item(struct foray__output *output,
                           struct foray_error *err)
{
    return foray__output_put(output, "a", 1, err);
}

int foray__pickle_put_dict(struct foray__output *output,
                           struct foray_error *err)
{
    return foray__output_put(output, "}", 1, err);
}

int foray__pickle_put_key(struct foray__output *output, const char *key,
                          size_t length, struct foray_error *err)
{
    struct foray__pickle_writer out = {output, 0, err};

    foray__pickle_write_text_of(&out, key, length);
    return out.code;
}

int foray__pickle_end_value(struct foray__output *output,
                            struct foray_error *err)
{
    return foray__output_put(output, "s", 1, err);
}

/* One byte says how many follow, 1 at least, before the elements. */
static void put_padding(struct foray__pickle_writer *out)
{
    unsigned char bytes[1 + ALIGN];
    uint64_t next = out->output->position + 1;

    memset(bytes, 0xFF, sizeof bytes);
    bytes[0] = (unsigned char)(ALIGN - next % ALIGN);
    foray__pickle_write(out, bytes, 1 + (size_t)bytes[0]);
}

int foray__pickle_put_array(struct foray__output *output,
                            const struct foray_array *array,
                            struct foray_error *err)
{
    struct foray__pickle_writer out = {output, 0, err};
    struct foray__layout layout;

    foray__layout_of(&layout, array);
    foray__pickle_write_name(&out, "joblib.numpy_pickle", "NumpyArrayWrapper");
    foray__pickle_write_codes(&out, ")\x81}(");
    foray__pickle_write_text(&out, "subclass");
    foray__pickle_write_name(&out, "numpy", "ndarray");
    foray__pickle_write_text(&out, "shape");
    put_shape(&out, layout.ndim, layout.shape);
    foray__pickle_write_text(&out, "order");
    foray__pickle_write_text(&out, layout.fortran_order ? "F" : "C");
    foray__pickle_write_text(&out, "dtype");
    foray__pickle_write_dtype(&out, &layout);
    foray__pickle_write_text(&out, "allow_mmap");
    foray__pickle_write_codes(&out, "\x88");
    foray__pickle_write_text(&out, "numpy_array_alignment_bytes");
    foray__pickle_write_integer(&out, 16);
    foray__pickle_write_codes(&out, "ub");
    put_padding(&out);
    return out.code ? out.code : foray__output_put_array(output, array, err);
}
