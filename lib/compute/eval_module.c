#include "compute/eval_module.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/symbol.h"
#include "compute/module.h"

/* Beyond the compiler's usual ones: integers wrap around. Warnings would be
 * about code that nobody sees. */
static const char *const more_flags[] = {"-fwrapv", "-w", NULL};

/* What is in a module depends on all that goes in here. */
static void digest_of(char digest[FORAY__SHA256_TEXT],
                      const struct foray__compiler *compiler, const char *code)
{
    struct foray__sha256 sha;

    foray__sha256_init(&sha);
    foray__sha256_add_text(&sha, "foray eval");
    foray__compiler_digest(compiler, &sha);
    for (int k = 0; more_flags[k]; k++)
        foray__sha256_add_text(&sha, more_flags[k]);
    foray__sha256_add_text(&sha, code);
    foray__sha256_text(digest, &sha);
}

static int compile(struct foray__module *module,
                   const struct foray__module_folder *folder,
                   const struct foray__compiler *compiler, const char *code,
                   struct foray_error *err)
{
    char *words = NULL;
    int source, made;

    FORAY_TRY(foray__compiler_file(&source, code, strlen(code), err));
    made = foray__module_make(module, folder, compiler, more_flags, "c", source,
                              &words, err);
    free(words);
    close(source);
    return made;
}

int foray__eval_module_make(struct foray__module *out, const char *code,
                            struct foray_error *err)
{
    struct foray__module_folder folder;
    struct foray__compiler compiler;
    char digest[FORAY__SHA256_TEXT];
    bool found;
    int made;

    FORAY_TRY(foray__compiler_find(&compiler, err));
    FORAY_TRY(foray__module_folder_open(&folder, err));
    digest_of(digest, &compiler, code);
    made = foray__module_find(&found, out, &folder, digest, err);
    if (!made && !found)
        made = compile(out, &folder, &compiler, code, err);
    close(folder.fd);
    return made;
}

int foray__eval_module_load(void **handle, foray__eval_fn *fn, const char *path,
                            struct foray_error *err)
{
    *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (*handle && foray__symbol_take(fn, *handle, FORAY__EVAL_SYMBOL))
        return 0;
    foray__fail(err, FORAY_EINVAL, "cannot load the compiled expression: %s",
                dlerror());
    if (*handle)
        dlclose(*handle);
    return FORAY_EINVAL;
}

int foray__eval_module_enter(void **handle, foray__eval_fn *fn,
                             const char *path, struct foray_error *err)
{
    static void *kept; /* of a worker process, which has one thread */
    void *loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);

    if (loaded) {
        foray__symbol_take(fn, loaded, FORAY__EVAL_SYMBOL);
        *handle = loaded;
        return 0;
    }
    FORAY_TRY(foray__eval_module_load(handle, fn, path, err));
    if (kept)
        dlclose(kept);
    kept = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    return 0;
}

void foray__eval_module_leave(void *handle)
{
    dlclose(handle);
}
