#include <foray/texts.h>

#include <string.h>

#include <foray/storage.h>

#include "base/error.h"

int foray_texts_open(struct foray_texts *out, const char *const *texts,
                     size_t n, struct foray_error *err)
{
    size_t nbytes = 0;
    int code;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < n; i++)
        nbytes += strlen(texts[i]) + 1;
    FORAY_TRY(foray_array_create(&out->bytes, NULL, FORAY_U8, 1, &nbytes, err));
    code = foray_array_create(&out->starts, NULL, FORAY_U64, 1, &n, err);
    if (code) {
        foray_texts_close(out);
        return code;
    }
    nbytes = 0;
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(texts[i]) + 1;

        memcpy(foray_row(&out->bytes, nbytes), texts[i], length);
        FORAY_AT(&out->starts, uint64_t, i) = nbytes;
        nbytes += length;
    }
    out->bytes.mode = out->starts.mode = FORAY_READ;
    return 0;
}

void foray_texts_close(struct foray_texts *texts)
{
    foray_array_close(&texts->starts, NULL);
    foray_array_close(&texts->bytes, NULL);
}
