#include "python/print_python.h"

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hog/output.h"
#include "shell/message.h"

/* So many paths can be looked through; more are left in the list, if they are
 * from one. */
enum { FEW = 20 };

/* What is a pipe was read already. */
static FILE *open_list(const char *path)
{
    struct stat st;

    return path && !stat(path, &st) && S_ISREG(st.st_mode) ? fopen(path, "re")
                                                           : NULL;
}

/* Whether the paths of a run are the lines of a list, each of them. */
static bool is_list(const struct hog_run *run,
                    const struct inputs_options *where)
{
    FILE *file = open_list(where->from);
    char end = where->nul ? '\0' : '\n', *line = NULL;
    size_t size = 0, i = 0;
    bool same = file;
    ssize_t length;

    while (same && (length = getdelim(&line, &size, end, file)) > 0) {
        if (line[length - 1] == end)
            line[--length] = '\0';
        if (length)
            same = i < run->batch.n && !strcmp(line, run->batch.paths[i++]);
    }
    free(line);
    if (file)
        fclose(file);
    return same && i == run->batch.n;
}

static void print_paths(FILE *out, const struct hog_run *run,
                        const struct inputs_options *where)
{
    if (run->batch.n > FEW && is_list(run, where)) {
        fputs("with open(", out);
        message_json(out, where->from);
        fprintf(out,
                ", \"rb\") as lines:\n"
                "    images = [path for path in lines.read().split(b\"%s\") if "
                "path]\n",
                where->nul ? "\\0" : "\\n");
        return;
    }
    fputs("images = [\n", out);
    for (size_t i = 0; i < run->batch.n; i++) {
        fputs("    ", out);
        message_json(out, run->batch.paths[i]);
        fputs(",\n", out);
    }
    fputs("]\n", out);
}

static void print_inputs(FILE *out, const struct hog_run *run,
                         const struct inputs_options *where)
{
    if (!run->stack) {
        print_paths(out, run, where);
        return;
    }
    fputs("images = np.load(", out);
    message_json(out, run->stack);
    fputs(", mmap_mode=\"r\")", out);
    if (run->shard[1])
        fprintf(out, "[%zu:%zu]", run->first,
                run->first + run->batch.stack->shape[0]);
    fputc('\n', out);
}

/* Everything up to the functions. */
static void print_head(FILE *out, const struct hog_run *run,
                       const struct foray_hog_options *hog)
{
    fprintf(out,
            "#!/usr/bin/env python3\n"
            "# Made by foray hog --print-python, version %s: the features that "
            "it writes with\n# these options, by Pillow 9.1 and others. Run it "
            "where foray was run.\n"
            "#     python3 SCRIPT [OUT]\n",
            PACKAGE_VERSION);
    print_python_notes(out, run);
    fputs(print_python_has_archives(run)
              ? "import functools\nimport os\nimport re\nimport sys\n"
                "import tarfile\n"
              : "import os\nimport sys\n",
          out);
    print_python_imports(out, hog);
    fputs("import numpy as np\nfrom PIL import Image, ImageFile, ImageOps\n",
          out);
    if (hog_output_is_hdf5(run->output))
        fputs("import h5py\n", out);
    if (run->batch.image.color == FORAY_COLOR_RGB2GRAY)
        fputs("from skimage.color import rgb2gray\n", out);
}

/* An image that fails ends the script, or has a row of NaN, or none. */
static void print_rows(FILE *out, const struct hog_run *run)
{
    if (run->batch.on_error == FORAY_STOP) {
        fputs("rows = [describe(read(image)) for image in images]\n", out);
        return;
    }
    fputs("rows = []\n"
          "for image in images:\n"
          "    try:\n"
          "        rows.append(describe(read(image)))\n"
          "    except Exception as error:\n"
          "        print(error, file=sys.stderr)\n"
          "        rows.append(None)\n",
          out);
    fputs(run->drops ? "rows = [row for row in rows if row is not None]\n"
          : run->batch.places
              ? "rows = [np.zeros(0) if row is None else row for row in rows]\n"
              : "length = next(len(row) for row in rows if row is not None)\n"
                "rows = [np.full(length, np.nan) if row is None else row for "
                "row in rows]\n",
          out);
}

/* "OUT-python.npy": who compares wants both. */
static void print_output(FILE *out, const char *output)
{
    const char *dot = strrchr(output, '.');
    char *name;

    if (asprintf(&name, "%.*s-python%s", (int)(dot - output), output, dot) < 0)
        name = NULL;
    message_json(out, name ? name : output);
    free(name);
}

static void print_end(FILE *out, const struct hog_run *run)
{
    const char *dtype = run->batch.dtype == FORAY_F32   ? "float32"
                        : run->batch.dtype == FORAY_F16 ? "float16"
                                                        : "float64";

    fprintf(out,
            run->batch.places
                ? "features = np.concatenate(rows).astype(np.%s)\n"
                : "features = np.array(rows, dtype=np.%s)\n",
            dtype);
    fputs("out = sys.argv[1] if len(sys.argv) > 1 else ", out);
    print_output(out, run->output);
    fputs(hog_output_is_hdf5(run->output)
              ? "\nwith h5py.File(out, \"w\") as file:\n"
                "    file[\"features\"] = features\n"
              : "\nnp.save(out, features)\n",
          out);
    if (run->batch.places)
        fputs("    file[\"offsets\"] = np.cumsum(\n"
              "        [0] + [len(row) for row in rows], dtype=np.uint64)\n",
              out);
}

int print_python(const struct hog_run *run, const struct inputs_options *where)
{
    const struct foray_image_options *image = &run->batch.image;
    struct foray_hog *hog = NULL;
    struct foray_hog_plan plan;
    struct foray_error err;
    FILE *out = stdout;

    if (foray_hog_new(&hog, &run->batch.hog, &err) ||
        (run->stack && foray_hog_batch_plan(&plan, &run->batch, &err))) {
        message("%s", err.msg);
        foray_hog_free(hog);
        return STATUS_FAILED;
    }
    print_head(out, run, foray_hog_options(hog));
    print_python_hog(out, foray_hog_options(hog));
    if (run->stack)
        print_python_stack(out, run);
    else
        print_python_read(out, run);
    fprintf(out, "\n\nImage.MAX_IMAGE_PIXELS = %llu\n",
            (unsigned long long)(image->max_pixels ? image->max_pixels
                                                   : 268435456));
    if (image->truncated)
        fputs("ImageFile.LOAD_TRUNCATED_IMAGES = True\n", out);
    print_inputs(out, run, where);
    print_rows(out, run);
    print_end(out, run);
    foray_hog_free(hog);
    return STATUS_DONE;
}
