#include "hog/check.h"

#include <string.h>

#include "hog/output.h"
#include "shell/command.h"
#include "shell/message.h"

/* An update needs to know which row is of which image, and that rows stay. */
static int check_update(const struct hog_command *c)
{
    if (c->no_index)
        return options_wrong("--update needs the index, so no --no-index");
    if (c->shard[1])
        return options_wrong("--update and --shard contradict each other: an "
                             "image that is added moves others to other parts; "
                             "give each machine a list of its own");
    if (c->visualize && c->drops)
        return options_wrong("--update, --visualize and --failed drop are too "
                             "much: pictures are named by rows, which are "
                             "known when all that failed is");
    if (c->print_python)
        return options_wrong("--print-python gives all rows in the order of "
                             "the images, --update in another one");
    return 0;
}

/* Rows of many lengths, in a file that can hold them. */
static int check_ragged(const struct hog_command *c)
{
    if (!hog_output_is_hdf5(c->output))
        return options_wrong("--ragged is for -o OUT.h5: rows of different "
                             "lengths are no array of a .npy file");
    if (c->resize[0])
        return options_wrong("--ragged and --resize contradict each other: "
                             "images that are resized have one size");
    return 0;
}

int hog_check_options(const struct hog_command *c, int operands)
{
    if (!c->output)
        return options_wrong("-o OUT.npy is needed: where the features go");
    if (!hog_output_is_name(c->output))
        return options_wrong("-o %s: the output must be a .npy or .h5 file",
                             c->output);
    if (inputs_check(&c->where, operands))
        return STATUS_USAGE;
    if (c->index && c->no_index)
        return options_wrong("--index and --no-index contradict each other");
    if (c->resume && c->restart)
        return options_wrong("--resume and --restart contradict each other");
    if (c->update && check_update(c))
        return STATUS_USAGE;
    if (c->ragged && check_ragged(c))
        return STATUS_USAGE;
    if (c->drops && c->parallel.on_error != FORAY_SKIP)
        return options_wrong("--failed drop is for --on-error skip");
    if (c->accept.most >= 0 && c->parallel.on_error != FORAY_SKIP)
        return options_wrong("--accept-failures is for --on-error skip");
    if (c->norm_given && c->method == FORAY_HOG_UOCTTI)
        return options_wrong("the method uoctti has no --block-norm");
    if (!c->resize[0] &&
        (c->image.filter || c->image.fit || c->image.jpeg_scale))
        return options_wrong("--filter, --fit and --jpeg-scale are for "
                             "--resize RxC");
    return parallel_check(&c->parallel);
}

int hog_check_method(const struct foray_hog_options *options)
{
    struct foray_hog *hog = NULL;
    struct foray_error err;
    int code = foray_hog_new(&hog, options, &err);

    foray_hog_free(hog);
    if (code == FORAY_EINVAL)
        return options_wrong("%s", err.msg);
    if (code) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    return 0;
}
