/* The table of commands. */
#include "shell/command.h"

#include <string.h>

const struct command commands[] = {
    {"hog", cmd_hog, "HOG features of every image, one row an image",
     "hog [OPTION]... -o OUT IMAGE|DIR|TAR|STACK.npy...",
     "Write the HOG features of every image as a row of OUT.npy or OUT.h5, in "
     "the order\ngiven. A DIR stands for its jpg jpeg png tif tiff webp pgm "
     "ppm files, in byte order,\nwithout hidden names, an ARCHIVE.tar for "
     "those "
     "in it. One .npy file shaped (images,\nrows, cols[, channels]) may take "
     "their place."},
    {"resize", cmd_resize, "images of one size, written to a folder",
     "resize [OPTION]... ROWSxCOLUMNS -o DIR IMAGE|DIR|TAR...",
     "Write every image, resampled as Pillow does it, under its own name to "
     "DIR, in the\nformat that its name says. Each appears when it is whole; "
     "those that are there are\nreplaced. Two inputs of one name are an "
     "error."},
    {"eval", cmd_eval, "expressions over arrays, element by element",
     "eval [OPTION]... 'NAME=EXPRESSION; ...' NAME=ARRAY|NUMBER... "
     "-o NAME=OUT",
     "Compute expressions over arrays with NumPy's operators, functions, types "
     "and\nbroadcasting. They become one loop in C, compiled by the system's "
     "compiler and\nkept for the next time, and run by all workers."},
    {"map", cmd_map, "a C function of your own over slices of arrays",
     "map [OPTION]... KERNEL.c|KERNEL.so[:FUNCTION] -i ARRAY... "
     "-o OUT[:DTYPE[:SHAPE]]...",
     "Call int kernel(struct foray_task *task), or FUNCTION, for each slice of "
     "the inputs.\nA file of C is compiled, and kept for the next time; it "
     "includes <foray.h>."},
    {"info", cmd_info, "what a file of arrays holds", "info [--json] ARRAY...",
     "Print format, type, shape, order, bytes, where the data starts and "
     "whether it\ncan be mapped, of every array in a file (npy, npz, joblib, "
     "HDF5) or of one:\nFILE.npz:name, FILE.joblib:a/0/b, FILE.h5:/group/x. "
     "With --json, one object a\nline."},
    {"convert", cmd_convert, "arrays from one format to another",
     "convert [OPTION]... IN... OUT",
     "Copy an array into the format that OUT's suffix names: .npy .npz[:name] "
     ".joblib\n.pkl .h5[:/dataset] .raw .csv. IN is an array as for info and "
     "stats, a .raw or\n.csv file, or a folder of images; several are put one "
     "behind the other along the\nfirst axis, HDF5 files of foray hog with "
     "all that is in them."},
    {"stats", cmd_stats, "count, NaNs, min, max, mean, std and sum",
     "stats [OPTION]... ARRAY",
     "Print statistics of what is not NaN, read once. Integers are exact; std "
     "is that of\nthe population. ARRAY may end in a part as NumPy writes it: "
     "'x.npy[10:,::2]'."},
    {"matmul", cmd_matmul, "the product of two matrices",
     "matmul [OPTION]... A B -o OUT",
     "Write the matrix product of A and B, tile by tile: any of them may be "
     "larger than\nmemory. f32 or f64; one of each makes f64."},
    {"gram", cmd_gram, "products of each row with each other",
     "gram [OPTION]... X -o OUT",
     "Write the Gram matrix XX' of the rows of X, or X'X of its columns."},
    {"knn", cmd_knn, "the nearest rows of each row",
     "knn [OPTION]... X [QUERY] -k N -o OUT.h5",
     "Find the N rows of X that are nearest to each row of QUERY, or of X "
     "itself without\nthe row itself: their numbers (indices) and distances, "
     "ascending; of equally near\nones the lower index."},
    {"doctor", cmd_doctor, "what this machine gives", "doctor [--json]",
     "Print the CPUs this process may use and which limit won, shared memory "
     "and\nlimits, thread pools found, and what this foray was built with."},
    {"status", cmd_status, "how far the runs of this user are",
     "status [--json]",
     "Print process, progress and command line of every foray command of this "
     "user that\nworks in parallel now: done and all, failed, rate, time "
     "left."},
    {"clean", cmd_clean, "remove what dead sessions left",
     "clean [-n] [--temp-folder DIR]",
     "Remove the folders of named arrays whose process is gone. Live ones and "
     "those of\nother users are never touched."},
    {"completion", cmd_completion, "what a shell asks when TAB is pressed",
     "completion bash|zsh|fish",
     "Print a script that lets the shell complete commands, options and their "
     "words:\n  bash  eval \"$(foray completion bash)\"      in ~/.bashrc\n"
     "  zsh   eval \"$(foray completion zsh)\"       in ~/.zshrc, behind "
     "compinit\n"
     "  fish  foray completion fish | source       in config.fish"},
    {0}};

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (!strcmp(name, c->name))
            return c;
    return NULL;
}
