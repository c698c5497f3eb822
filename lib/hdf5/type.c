#include "hdf5/type.h"

#include <stdio.h>
#include <string.h>

#include "hdf5/handle.h"

static const bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

/* IEEE 754 binary16, which HDF5 has no name for. */
static hid_t make_half(bool little)
{
    hid_t type = H5Tcopy(little ? H5T_IEEE_F32LE : H5T_IEEE_F32BE);

    H5Tset_fields(type, 15, 10, 5, 0, 10);
    H5Tset_size(type, 2);
    H5Tset_ebias(type, 15);
    return type;
}

static hid_t make_bool(void)
{
    hid_t type = H5Tenum_create(H5T_STD_I8LE);

    H5Tenum_insert(type, "FALSE", &(signed char){0});
    H5Tenum_insert(type, "TRUE", &(signed char){1});
    return type;
}

static hid_t make_complex(hid_t part)
{
    size_t size = H5Tget_size(part);
    hid_t type = H5Tcreate(H5T_COMPOUND, 2 * size);

    H5Tinsert(type, "r", 0, part);
    H5Tinsert(type, "i", size, part);
    return type;
}

hid_t foray__h5_type_make(enum foray_dtype dtype, bool swapped)
{
    bool little = is_little != swapped;

#define EITHER(name) H5Tcopy(little ? H5T_##name##LE : H5T_##name##BE)
    switch (dtype) {
    case FORAY_BOOL:
        return make_bool();
    case FORAY_I8:
        return EITHER(STD_I8);
    case FORAY_I16:
        return EITHER(STD_I16);
    case FORAY_I32:
        return EITHER(STD_I32);
    case FORAY_I64:
        return EITHER(STD_I64);
    case FORAY_U8:
        return EITHER(STD_U8);
    case FORAY_U16:
        return EITHER(STD_U16);
    case FORAY_U32:
        return EITHER(STD_U32);
    case FORAY_U64:
        return EITHER(STD_U64);
    case FORAY_F16:
        return make_half(little);
    case FORAY_F32:
        return EITHER(IEEE_F32);
    case FORAY_F64:
        return EITHER(IEEE_F64);
    case FORAY_C64:
        return make_complex(little ? H5T_IEEE_F32LE : H5T_IEEE_F32BE);
    case FORAY_C128:
        return make_complex(little ? H5T_IEEE_F64LE : H5T_IEEE_F64BE);
    case FORAY_OPAQUE:
        break;
    }
#undef EITHER
    return -1;
}

hid_t foray__h5_type_text(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);

    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static enum foray_dtype by_size(size_t size, enum foray_dtype one,
                                enum foray_dtype two, enum foray_dtype four,
                                enum foray_dtype eight)
{
    return size == 1   ? one
           : size == 2 ? two
           : size == 4 ? four
           : size == 8 ? eight
                       : FORAY_OPAQUE;
}

/* What a type of this class and size can only be. */
static enum foray_dtype guess(hid_t type, H5T_class_t class, size_t size)
{
    switch (class) {
    case H5T_INTEGER:
        if (H5Tget_sign(type) == H5T_SGN_NONE)
            return by_size(size, FORAY_U8, FORAY_U16, FORAY_U32, FORAY_U64);
        return by_size(size, FORAY_I8, FORAY_I16, FORAY_I32, FORAY_I64);
    case H5T_FLOAT:
        return by_size(size, FORAY_OPAQUE, FORAY_F16, FORAY_F32, FORAY_F64);
    case H5T_COMPOUND:
        return size == 8 ? FORAY_C64 : size == 16 ? FORAY_C128 : FORAY_OPAQUE;
    default:
        return FORAY_OPAQUE;
    }
}

/* Bits are unsigned numbers, as h5py reads them; PyTables' truth values. */
static enum foray_dtype guess_bits(hid_t type, size_t size, bool *little)
{
    const hid_t bits[4][2] = {{H5T_STD_B8BE, H5T_STD_B8LE},
                              {H5T_STD_B16BE, H5T_STD_B16LE},
                              {H5T_STD_B32BE, H5T_STD_B32LE},
                              {H5T_STD_B64BE, H5T_STD_B64LE}};
    int row = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;

    for (int k = 0; k < 2; k++)
        if (H5Tequal(type, bits[row][k]) > 0) {
            *little = k;
            return by_size(size, FORAY_U8, FORAY_U16, FORAY_U32, FORAY_U64);
        }
    return FORAY_OPAQUE;
}

static enum foray_dtype match(hid_t type, H5T_class_t class, bool *swapped)
{
    size_t size = H5Tget_size(type);
    enum foray_dtype dtype = guess(type, class, size);
    bool little = is_little;
    hid_t known;

    if (class == H5T_BITFIELD) {
        dtype = guess_bits(type, size, &little);
        *swapped = size > 1 && little != is_little;
        return dtype;
    }
    for (int k = 0; k < 2 && dtype != FORAY_OPAQUE; k++) {
        bool is_same;

        known = foray__h5_type_make(dtype, k);
        is_same = H5Tequal(type, known) > 0;
        foray__h5_close(known);
        if (is_same) {
            *swapped = k && size > 1;
            return dtype;
        }
    }
    return FORAY_OPAQUE;
}

/* Truth values as h5py's; another enumeration is what its numbers are. */
static enum foray_dtype match_enum(hid_t type, bool *swapped)
{
    hid_t truth = make_bool(), base = H5Tget_super(type);
    enum foray_dtype dtype = FORAY_BOOL;

    *swapped = false;
    if (H5Tequal(type, truth) <= 0)
        dtype = match(base, H5Tget_class(base), swapped);
    foray__h5_close(base);
    foray__h5_close(truth);
    return dtype;
}

/* Elements that point somewhere else in the file. */
static const char *unfit(hid_t type, H5T_class_t class)
{
    if (class == H5T_STRING && H5Tis_variable_str(type) > 0)
        return "strings of any length";
    if (class == H5T_VLEN)
        return "sequences of any length";
    if (class == H5T_REFERENCE)
        return "references";
    if (H5Tdetect_class(type, H5T_VLEN) > 0 ||
        H5Tdetect_class(type, H5T_REFERENCE) > 0)
        return "structures of sequences or references";
    if (class == H5T_NO_CLASS || !H5Tget_size(type))
        return "of a type that the HDF5 library does not know";
    return NULL;
}

/* Whether strings of any length are somewhere inside; H5Tdetect_class counts
 * them as strings. */
static bool has_strings(hid_t type, H5T_class_t class)
{
    bool found = false;
    int n = class == H5T_COMPOUND ? H5Tget_nmembers(type) : 0;

    if (class == H5T_STRING)
        return H5Tis_variable_str(type) > 0;
    if (class == H5T_ARRAY) {
        hid_t base = H5Tget_super(type);

        found = has_strings(base, H5Tget_class(base));
        foray__h5_close(base);
    }
    for (int i = 0; i < n && !found; i++) {
        hid_t member = H5Tget_member_type(type, (unsigned)i);

        found = has_strings(member, H5Tget_class(member));
        foray__h5_close(member);
    }
    return found;
}

const char *foray__h5_type_read(struct foray_dataset *out, hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    const char *what = unfit(type, class);

    out->dtype = FORAY_OPAQUE;
    out->swapped = false;
    out->itemsize = H5Tget_size(type);
    out->descr[0] = '\0';
    if (!what && has_strings(type, class))
        what = "structures of strings of any length";
    if (!what)
        out->dtype = class == H5T_ENUM ? match_enum(type, &out->swapped)
                                       : match(type, class, &out->swapped);
    if (out->dtype != FORAY_OPAQUE)
        out->itemsize = foray_dtype_size(out->dtype);
    else
        snprintf(out->descr, sizeof out->descr,
                 class == H5T_STRING && !what ? "|S%zu" : "|V%zu",
                 out->itemsize);
    return what;
}
