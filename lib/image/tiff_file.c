#include "image/tiff_file.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/feature.h"
#include "base/symbol.h"

static struct foray__tiff_library library;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_loaded;

static void load(void)
{
    void *handle = dlopen("libtiff.so.6", RTLD_NOW | RTLD_LOCAL);

    if (!handle)
        return;
    is_loaded = true;
#define LOAD(name)                                                             \
    is_loaded &= foray__symbol_take(&library.name, handle, #name);
    FORAY__TIFF_CALLS(LOAD)
#undef LOAD
}

static int on_error(TIFF *tiff, void *arg, const char *module, const char *fmt,
                    va_list args) FORAY_PRINTF(4, 0);
static int on_warning(TIFF *tiff, void *arg, const char *module,
                      const char *fmt, va_list args) FORAY_PRINTF(4, 0);

/* Returns 1: nobody else is told. */
static int on_error(TIFF *tiff, void *arg, const char *module, const char *fmt,
                    va_list args)
{
    struct foray__tiff_file *file = arg;

    (void)tiff;
    (void)module;
    if (!file->why[0])
        vsnprintf(file->why, sizeof file->why, fmt, args);
    return 1;
}

/* Most warnings are of fields that are not used here. Those of JPEG and fax
 * say that pixels were guessed. */
static int on_warning(TIFF *tiff, void *arg, const char *module,
                      const char *fmt, va_list args)
{
    if (!strcmp(module, "JPEGLib") || !strncmp(module, "Fax", 3) ||
        !strncmp(fmt, "Improper", 8))
        return on_error(tiff, arg, module, fmt, args);
    return 1;
}

static tmsize_t on_read(thandle_t arg, void *out, tmsize_t n)
{
    struct foray__tiff_file *file = arg;
    size_t left = file->source->nbytes - file->offset;
    size_t want = n < 0 ? 0 : (size_t)n < left ? (size_t)n : left;

    memcpy(out, file->source->bytes + file->offset, want);
    file->offset += want;
    return (tmsize_t)want;
}

static tmsize_t on_write(thandle_t arg, void *bytes, tmsize_t n)
{
    (void)arg;
    (void)bytes;
    (void)n;
    return -1;
}

static toff_t on_seek(thandle_t arg, toff_t offset, int whence)
{
    struct foray__tiff_file *file = arg;
    uint64_t size = file->source->nbytes;

    if (whence == SEEK_CUR)
        offset += file->offset;
    else if (whence == SEEK_END)
        offset += size;
    file->offset = (size_t)(offset < size ? offset : size);
    return offset;
}

static int on_close(thandle_t arg)
{
    (void)arg;
    return 0;
}

static toff_t on_size(thandle_t arg)
{
    return ((struct foray__tiff_file *)arg)->source->nbytes;
}

int foray__tiff_damaged(const struct foray__tiff_file *file, const char *why,
                        struct foray_error *err)
{
    bool no_memory = errno == ENOMEM;

    return foray__source_fail(file->source, err,
                              no_memory ? FORAY_ENOMEM : FORAY_EFORMAT,
                              "%sTIFF: %s", no_memory ? "" : "damaged ",
                              file->why[0] ? file->why : why);
}

int foray__tiff_open(struct foray__tiff_file *file,
                     const struct foray__source *source, size_t most,
                     struct foray_error *err)
{
    TIFFOpenOptions *options;

    *file = (struct foray__tiff_file){.source = source};
    pthread_once(&once, load);
    if (!is_loaded || !foray__feature("libtiff"))
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "libtiff.so.6, which this foray was built "
                                  "for, is not on this machine: install it");
    file->lib = &library;
    errno = 0;
    options = library.TIFFOpenOptionsAlloc();
    if (options) {
        library.TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, file);
        library.TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, file);
        library.TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
        /* c: no strips but those of the file, m: no mapping. */
        file->tiff = library.TIFFClientOpenExt("TIFF", "rcm", file, on_read,
                                               on_write, on_seek, on_close,
                                               on_size, NULL, NULL, options);
        library.TIFFOpenOptionsFree(options);
    }
    if (file->tiff)
        return 0;
    return foray__tiff_damaged(file, "it cannot be opened", err);
}

void foray__tiff_close(struct foray__tiff_file *file)
{
    file->lib->TIFFClose(file->tiff);
}

uint32_t foray__tiff_short(const struct foray__tiff_file *file, uint32_t tag,
                           uint16_t missing)
{
    uint16_t value;

    return file->lib->TIFFGetField(file->tiff, tag, &value) ? value : missing;
}

uint32_t foray__tiff_long(const struct foray__tiff_file *file, uint32_t tag)
{
    uint32_t value;

    return file->lib->TIFFGetField(file->tiff, tag, &value) ? value : 0;
}

int foray__tiff_unpack(struct foray__tiff_file *file, uint32_t index,
                       uint64_t offset, uint64_t nbytes, void *out, size_t size,
                       struct foray_error *err)
{
    /* libtiff may turn their bits in place, and back again. */
    char *bytes = (char *)(uintptr_t)file->source->bytes + offset;

    errno = 0;
    if (file->lib->TIFFReadFromUserBuffer(
            file->tiff, index, bytes, (tmsize_t)nbytes, out, (tmsize_t)size) &&
        !file->why[0])
        return 0;
    return foray__tiff_damaged(file, "a strip or tile that cannot be unpacked",
                               err);
}
