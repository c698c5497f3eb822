#include "storage/codec.h"

#include <dlfcn.h>
#include <string.h>

#include "base/error.h"
#include "base/feature.h"
#include "base/symbol.h"
#include "storage/codec_ops.h"

static const struct {
    const char *name;
    const struct foray__codec_ops *ops;
    size_t n_magic;
    const char *magic;
} codecs[FORAY__CODECS] = {
    [FORAY__STORED] = {"stored", NULL, 0, ""},
    [FORAY__DEFLATE] = {"deflate", &foray__codec_zlib, 0, ""},
    [FORAY__ZLIB] = {"zlib", &foray__codec_zlib, 1, "\x78"},
    [FORAY__GZIP] = {"gzip", &foray__codec_zlib, 2, "\x1F\x8B"},
    [FORAY__BZ2] = {"bz2", &foray__codec_bz2, 2, "BZ"},
    [FORAY__XZ] = {"xz", &foray__codec_lzma, 5,
                   "\xFD"
                   "7zXZ"},
    [FORAY__LZMA] = {"lzma", &foray__codec_lzma, 3, "\x5D\0\0"},
    [FORAY__LZ4] = {"lz4", &foray__codec_lz4, 4, "\x04\x22\x4D\x18"},
};

const char *foray__codec_name(enum foray__codec codec)
{
    return codecs[codec].name;
}

bool foray__codec_find(enum foray__codec *out, const char *name)
{
    for (int k = FORAY__ZLIB; k < FORAY__CODECS; k++)
        if (!strcmp(name, codecs[k].name)) {
            *out = (enum foray__codec)k;
            return true;
        }
    return false;
}

enum foray__codec foray__codec_of_magic(const unsigned char *bytes, size_t n)
{
    for (int k = FORAY__ZLIB; k < FORAY__CODECS; k++)
        if (n >= codecs[k].n_magic &&
            !memcmp(bytes, codecs[k].magic, codecs[k].n_magic))
            return (enum foray__codec)k;
    return FORAY__STORED;
}

/* The loader's word for a library that is nowhere; what it could not load for
 * lack of memory or descriptors may be had later. */
static bool means_missing(const char *why)
{
    return !why || strstr(why, "No such file");
}

static void *open_library(struct foray__codec_library *library)
{
    void *handle = NULL;

    library->missing = !foray__feature(library->soname);
    if (!library->missing) {
        handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
        library->missing = !handle && means_missing(dlerror());
    }
    return handle;
}

static bool find_symbols(struct foray__codec_library *library)
{
    void *handle = open_library(library);

    for (int i = 0; handle && i < FORAY__CODEC_SYMBOLS && library->symbols[i];
         i++)
        if (!foray__symbol_take(&library->found[i], handle,
                                library->symbols[i])) {
            dlclose(handle);
            library->missing = true; /* another version of it */
            return false;
        }
    return handle;
}

bool foray__codec_load(struct foray__codec_library *library)
{
    bool loaded;

    pthread_mutex_lock(&library->lock);
    if (!library->loaded && !library->missing)
        library->loaded = find_symbols(library);
    loaded = library->loaded;
    pthread_mutex_unlock(&library->lock);
    return loaded;
}

static int fail_without(const struct foray__codec_library *library,
                        enum foray__codec codec, const char *name,
                        struct foray_error *err)
{
    if (!library->missing)
        return foray__fail(err, FORAY_ENOMEM,
                           "%s: %s needs the library %s, which could not be "
                           "loaded: memory or descriptors (ulimit -n) are "
                           "short",
                           name, codecs[codec].name, library->soname);
    return foray__fail(err, FORAY_ENOTSUP,
                       "%s: %s needs the library %s, which is not here: "
                       "install %s",
                       name, codecs[codec].name, library->soname,
                       library->package);
}

int foray__codec_open(struct foray__codec_stream *stream,
                      enum foray__codec codec, int level, const char *name,
                      struct foray_error *err)
{
    const struct foray__codec_ops *ops = codecs[codec].ops;

    memset(stream, 0, sizeof *stream);
    if (!foray__codec_load(ops->library))
        return fail_without(ops->library, codec, name, err);
    stream->ops = ops;
    stream->codec = codec;
    stream->compresses = level > 0;
    stream->level = level;
    if (ops->begin(stream) == FORAY__STEP_ON)
        return 0;
    stream->ops = NULL;
    return foray__fail(err, FORAY_ENOMEM, "%s: no memory for %s", name,
                       codecs[codec].name);
}

enum foray__step foray__codec_step(struct foray__codec_stream *stream,
                                   bool last)
{
    return stream->ops->step(stream, last);
}

void foray__codec_close(struct foray__codec_stream *stream)
{
    if (stream->ops)
        stream->ops->end(stream);
    stream->ops = NULL;
}
