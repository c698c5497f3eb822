/* The names that a joblib file may have in it, and what comes of them. */
#include "storage/pickle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/literal.h"
#include "array/npy_descr.h"
#include "array/text.h"
#include "base/error.h"
#include "base/size.h"
#include "storage/names.h"

/* Whose values are. */
enum name {
    WRAPPER,     /* joblib's stand-in for an array */
    OLD_WRAPPER, /* of before 0.10, for an array in another file */
    ARRAY_CLASS,
    DTYPE,
    SCALAR, /* a number of NumPy's, or what else has no arrays in it */
    ORDERED_DICT,
    ENCODE /* how protocol 2 writes bytes: from a text */
};

static const struct {
    const char *module, *name;
    enum name meaning;
} names[] = {
    {"joblib.numpy_pickle", "NumpyArrayWrapper", WRAPPER},
    {"joblib.numpy_pickle", "NDArrayWrapper", OLD_WRAPPER},
    {"joblib.numpy_pickle", "ZNDArrayWrapper", OLD_WRAPPER},
    {"joblib.numpy_pickle_compat", "NDArrayWrapper", OLD_WRAPPER},
    {"joblib.numpy_pickle_compat", "ZNDArrayWrapper", OLD_WRAPPER},
    {"numpy", "ndarray", ARRAY_CLASS},
    {"numpy", "memmap", ARRAY_CLASS},
    {"numpy", "matrix", ARRAY_CLASS},
    {"numpy.core.memmap", "memmap", ARRAY_CLASS},
    {"numpy._core.memmap", "memmap", ARRAY_CLASS},
    {"numpy.matrixlib.defmatrix", "matrix", ARRAY_CLASS},
    {"numpy", "dtype", DTYPE},
    {"numpy.core.multiarray", "scalar", SCALAR},
    {"numpy._core.multiarray", "scalar", SCALAR},
    {"builtins", "complex", SCALAR},
    {"builtins", "set", SCALAR},
    {"builtins", "frozenset", SCALAR},
    {"builtins", "bytes", SCALAR},
    {"builtins", "bytearray", SCALAR},
    {"__builtin__", "complex", SCALAR}, /* as Python 2 called the module */
    {"__builtin__", "set", SCALAR},
    {"__builtin__", "frozenset", SCALAR},
    {"__builtin__", "bytes", SCALAR},
    {"__builtin__", "bytearray", SCALAR},
    {"collections", "OrderedDict", ORDERED_DICT},
    {"_codecs", "encode", ENCODE},
};

/* scikit-learn had a copy of joblib, sklearn.externals.joblib.numpy_pickle. */
static bool is_module(const char *module, const char *known)
{
    size_t length = strlen(module), n = strlen(known);

    if (!strcmp(module, known))
        return true;
    return !strncmp(known, "joblib.", 7) && length > n &&
           module[length - n - 1] == '.' && !strcmp(module + length - n, known);
}

/* The first of them is what messages tell of. */
static int make_unknown(struct foray__pickle *pickle, const char *module,
                        const char *name, struct foray__pickle_value **out)
{
    if (!*pickle->unknown) {
        snprintf(pickle->unknown, sizeof pickle->unknown, "%.80s.%.76s", module,
                 name);
        foray__names_clean(pickle->unknown);
    }
    *out = foray__pickle_new(&pickle->values, FORAY__PICKLE_OTHER);
    return *out ? 0 : foray__pickle_full(pickle);
}

int foray__pickle_find_name(struct foray__pickle *pickle, const char *module,
                            const char *name, struct foray__pickle_value **out)
{
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (is_module(module, names[k].module) &&
            !strcmp(name, names[k].name)) {
            if (names[k].meaning == OLD_WRAPPER)
                return foray__fail(
                    pickle->err, FORAY_ENOTSUP,
                    "%s was written by joblib before 0.10, which kept its "
                    "arrays in files beside it: load it with joblib, and dump "
                    "it again",
                    pickle->name);
            *out = foray__pickle_integer(&pickle->values, FORAY__PICKLE_NAME,
                                         (int64_t)names[k].meaning);
            return *out ? 0 : foray__pickle_full(pickle);
        }
    return make_unknown(pickle, module, name, out);
}

/* dtype(type, align, copy). Classes are types, too, but not of ours. */
static int make_dtype(struct foray__pickle *pickle,
                      struct foray__pickle_value *args,
                      struct foray__pickle_value **out)
{
    if (args->n && args->items[0]->kind == FORAY__PICKLE_OTHER) {
        *out = args->items[0];
        return 0;
    }
    if (!args->n || args->items[0]->kind != FORAY__PICKLE_TEXT)
        return foray__pickle_bad(pickle, "a dtype has no type");
    *out = foray__pickle_new(&pickle->values, FORAY__PICKLE_DTYPE);
    if (!*out || !foray__pickle_append(&pickle->values, *out, args))
        return foray__pickle_full(pickle);
    return 0;
}

int foray__pickle_call(struct foray__pickle *pickle,
                       const struct foray__pickle_value *name,
                       struct foray__pickle_value *args,
                       struct foray__pickle_value **out)
{
    enum foray__pickle_kind kind = FORAY__PICKLE_OTHER;

    if (args->kind != FORAY__PICKLE_TUPLE ||
        (name->kind != FORAY__PICKLE_NAME && name->kind != FORAY__PICKLE_OTHER))
        return foray__pickle_bad(pickle, "what is called is no name");
    switch (name->kind == FORAY__PICKLE_NAME ? (enum name)name->integer
                                             : SCALAR) {
    case DTYPE:
        return make_dtype(pickle, args, out);
    case ENCODE:
        if (!args->n)
            return foray__pickle_bad(pickle, "bytes are made of nothing");
        *out = args->items[0];
        return 0;
    case WRAPPER:
        kind = FORAY__PICKLE_WRAPPER;
        break;
    case ORDERED_DICT:
        kind = FORAY__PICKLE_DICT;
        break;
    case SCALAR:
        break;
    case OLD_WRAPPER:
    case ARRAY_CLASS:
        return foray__pickle_bad(pickle, "an array is made without joblib's "
                                         "wrapper");
    }
    *out = foray__pickle_new(&pickle->values, kind);
    return *out ? 0 : foray__pickle_full(pickle);
}

static int read_shape(struct foray__pickle *pickle,
                      struct foray__npy_header *header,
                      const struct foray__pickle_value *shape)
{
    if (!shape || shape->kind != FORAY__PICKLE_TUPLE)
        return foray__pickle_bad(pickle, "an array's shape is no tuple");
    if (shape->n > FORAY_MAX_NDIM)
        return foray__pickle_bad(pickle, "an array has more than 32 axes");
    for (size_t k = 0; k < shape->n; k++) {
        const struct foray__pickle_value *item = shape->items[k];

        if (item->kind != FORAY__PICKLE_INT || item->integer < 0)
            return foray__pickle_bad(pickle, "an array has an axis whose "
                                             "length is none");
        header->shape[k] = (size_t)item->integer;
    }
    header->ndim = (int)shape->n;
    return 0;
}

static int read_order(struct foray__pickle *pickle,
                      struct foray__npy_header *header,
                      const struct foray__pickle_value *order)
{
    header->fortran_order = foray__pickle_is(order, "F");
    if (header->fortran_order || foray__pickle_is(order, "C"))
        return 0;
    return foray__pickle_bad(pickle, "an array's order is neither C nor F");
}

/* By way of the text that stands for the type in .npy files. */
static int read_dtype(struct foray__pickle *pickle,
                      struct foray__pickle_array *array,
                      const struct foray__pickle_value *dtype)
{
    struct foray__npy_header *header = &array->header;
    struct foray__literal *literal;
    struct foray_error ignored;
    char *descr;
    int code;

    if (dtype && dtype->kind == FORAY__PICKLE_OTHER)
        return foray__fail(pickle->err, FORAY_ENOTSUP,
                           "%s holds an array whose dtype is of a class that "
                           "only Python knows%s%s",
                           pickle->name, *pickle->unknown ? ", as is " : "",
                           pickle->unknown);
    if (!dtype || dtype->kind != FORAY__PICKLE_DTYPE)
        return foray__pickle_bad(pickle, "an array has no dtype");
    FORAY_TRY(foray__pickle_descr(&descr, pickle, dtype));
    code = foray__literal_parse(&literal, descr, strlen(descr), pickle->name,
                                &ignored);
    if (!code) {
        code = foray__npy_read_descr(header, literal, pickle->name, &ignored);
        foray__literal_free(literal);
    }
    free(descr);
    array->of_objects = code == FORAY_EDTYPE;
    if (array->of_objects)
        return 0;
    if (code == FORAY_ENOMEM)
        return foray__pickle_full(pickle);
    return code ? foray__pickle_bad(pickle, "an array has a dtype that is none "
                                            "of NumPy's")
                : 0;
}

static int read_size(struct foray__pickle *pickle,
                     struct foray__npy_header *header)
{
    if (foray__shape_nbytes(&header->nbytes, header->itemsize, header->ndim,
                            header->shape))
        return 0;
    return foray__fail(pickle->err, FORAY_EFORMAT,
                       "%s: an array of the shape %s would be larger than "
                       "memory",
                       pickle->name,
                       foray__shape_text_of(header->ndim, header->shape).text);
}

/* Since joblib 1.2 as many bytes as one says lie before the elements. */
static int skip_padding(struct foray__pickle *pickle,
                        const struct foray__pickle_value *state)
{
    const struct foray__pickle_value *alignment =
        foray__pickle_get(state, "numpy_array_alignment_bytes");
    unsigned char padding;

    if (!alignment || alignment->kind == FORAY__PICKLE_NONE)
        return 0;
    FORAY_TRY(foray__input_read(pickle->input, &padding, 1, pickle->err));
    return foray__input_skip(pickle->input, padding, pickle->err);
}

static int build_array(struct foray__pickle *pickle,
                       struct foray__pickle_value *object,
                       const struct foray__pickle_value *state)
{
    const struct foray__pickle_value *may_map, *subclass;
    struct foray__npy_header *header;

    if (state->kind != FORAY__PICKLE_DICT)
        return foray__pickle_bad(pickle, "an array has no state");
    subclass = foray__pickle_get(state, "subclass");
    if (!subclass || subclass->kind != FORAY__PICKLE_NAME ||
        subclass->integer != ARRAY_CLASS)
        return foray__pickle_bad(pickle, "an array is of no class");
    if (!object->array)
        object->array = calloc(1, sizeof *object->array);
    if (!object->array)
        return foray__pickle_full(pickle);
    header = &object->array->header;
    may_map = foray__pickle_get(state, "allow_mmap");
    object->array->may_map = may_map && may_map->integer;
    FORAY_TRY(read_shape(pickle, header, foray__pickle_get(state, "shape")));
    FORAY_TRY(read_order(pickle, header, foray__pickle_get(state, "order")));
    FORAY_TRY(
        read_dtype(pickle, object->array, foray__pickle_get(state, "dtype")));
    object->kind = FORAY__PICKLE_ARRAY;
    if (object->array->of_objects)
        return 0;
    FORAY_TRY(read_size(pickle, header));
    return skip_padding(pickle, state);
}

int foray__pickle_build(struct foray__pickle *pickle,
                        struct foray__pickle_value *object,
                        struct foray__pickle_value *state)
{
    if (object->kind == FORAY__PICKLE_WRAPPER)
        return build_array(pickle, object, state);
    if (object->kind == FORAY__PICKLE_DTYPE && object->n == 1) {
        if (state->kind != FORAY__PICKLE_TUPLE || state->n < 8)
            return foray__pickle_bad(pickle, "a dtype has no state");
        return foray__pickle_append(&pickle->values, object, state)
                   ? 0
                   : foray__pickle_full(pickle);
    }
    if (object->kind == FORAY__PICKLE_OTHER)
        return 0;
    return foray__pickle_bad(pickle, "a state comes for what has none");
}
