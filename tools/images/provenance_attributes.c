/* The provenance that the attributes of an HDF5 file tell. */
#include "images/provenance_in.h"

#include <stdlib.h>
#include <string.h>

static void take_integers(struct provenance_item *out,
                          const struct foray_hdf5_attribute *attribute)
{
    enum { MOST = sizeof out->integers / sizeof *out->integers };
    size_t n = attribute->ndim ? attribute->shape[0] : 1;

    if (attribute->ndim > 1 || n > MOST)
        return;
    out->kind = PROVENANCE_INTEGERS;
    memcpy(out->integers, attribute->values, n * sizeof *out->integers);
    out->n = attribute->ndim ? (int)n : 0;
}

/* Of a type that provenance_attributes gives none it is as if it was not
 * there. */
static void take(struct provenance_item *out,
                 const struct foray_hdf5_attribute *attribute)
{
    if (attribute->dtype == FORAY_I64) {
        take_integers(out, attribute);
    } else if (attribute->ndim) {
        return;
    } else if (attribute->dtype == FORAY_OPAQUE) {
        out->kind = PROVENANCE_TEXT;
        out->text = *(char *const *)attribute->values;
    } else if (attribute->dtype == FORAY_BOOL) {
        out->kind = PROVENANCE_BOOL;
        out->yes = *(const uint8_t *)attribute->values;
    } else if (attribute->dtype == FORAY_F64) {
        out->kind = PROVENANCE_NUMBER;
        out->number = *(const double *)attribute->values;
    }
}

static bool is_of(const struct foray_hdf5_attribute *attribute,
                  const struct provenance_item *item)
{
    const char *name = attribute->name;
    size_t n = item->group ? strlen(item->group) : 0;

    if (item->group && (strncmp(name, item->group, n) != 0 || name[n] != '.'))
        return false;
    return !strcmp(item->group ? name + n + 1 : name, item->name);
}

void provenance_from_attributes(struct provenance *out,
                                const struct foray_hdf5_attributes *attributes,
                                const struct provenance *items)
{
    out->n = items->n;
    for (int i = 0; i < items->n; i++) {
        out->items[i] = (struct provenance_item){.group = items->items[i].group,
                                                 .name = items->items[i].name,
                                                 .kind = PROVENANCE_NULL};
        for (size_t k = 0; k < attributes->n; k++)
            if (is_of(&attributes->items[k], &out->items[i]))
                take(&out->items[i], &attributes->items[k]);
    }
}

char *provenance_text_of(const struct provenance *provenance)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    if (!file)
        return NULL;
    provenance_write(file, provenance);
    if (!fclose(file))
        return text;
    free(text);
    return NULL;
}
