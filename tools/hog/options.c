#include "hog/options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/values.h"

#define AT(field) offsetof(struct hog_command, field)

/* `field` is the command's: that a norm was given matters by itself. */
static const char *read_norm(void *field, const char *text)
{
    struct hog_command *c = field;

    c->norm_given = true;
    if (foray_hog_norm_parse(&c->norm, text, NULL))
        return "must be L1, L1-sqrt, L2 or L2-Hys";
    return NULL;
}

static const char *read_resume(void *field, const char *text)
{
    if (text && strcmp(text, "verify") != 0)
        return "must be verify, or nothing";
    *(enum hog_resume *)field = text ? HOG_VERIFY : HOG_RESUME;
    return NULL;
}

static const char *read_shard(void *field, const char *text)
{
    size_t *shard = field;
    int end = 0;

    if (!isdigit((unsigned char)*text) ||
        sscanf(text, "%9zu/%9zu%n", &shard[0], &shard[1], &end) != 2 ||
        text[end] || !shard[0] || shard[0] > shard[1])
        return "must be K/N, the K-th of N parts, from 1/N to N/N";
    return NULL;
}

static const char *read_truncated(void *field, const char *text)
{
    static const char *const words[] = {"fail", "accept", NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be fail or accept";
    *(bool *)field = i;
    return NULL;
}

static const char *read_failed(void *field, const char *text)
{
    static const char *const words[] = {"nan", "drop", NULL};
    int i = value_word(text, words);

    if (i < 0)
        return "must be nan or drop";
    *(bool *)field = i;
    return NULL;
}

/* "5", "0.1%" */
static const char *read_accept(void *field, const char *text)
{
    struct hog_accept *accept = field;
    size_t n = strspn(text, "0123456789.");
    bool is_share = text[n] == '%' && !text[n + 1];
    char *end;
    double most = strtod(text, &end);

    if (!n || end != text + n || (text[n] && !is_share) ||
        (is_share ? most > 100 : memchr(text, '.', n) != NULL))
        return "must be a number of images, or a share such as 0.1%";
    accept->is_share = is_share;
    accept->most = most;
    return NULL;
}

const struct option_spec hog_file_options[] = {
    {"output", 'o', "OUT", value_text, AT(output),
     "OUT.npy or OUT.h5: the features, a row an image (needed)"},
    {"shard", 0, "K/N", read_shard, AT(shard),
     "only the K-th of N parts of the images, in order"},
    {"index", 0, "FILE", value_text, AT(index),
     "what became of each: CSV or .jsonl (OUT.csv; none for .h5)"},
    {"no-index", 0, NULL, value_flag, AT(no_index), "write none"},
    {"update", 0, NULL, value_flag, AT(update),
     "only what is new or changed, into the OUT that is there"},
    {"failed", 0, "nan|drop", read_failed, AT(drops),
     "with --on-error skip: rows of NaN (nan), or no rows"},
    {"accept-failures", 0, "N[%]", read_accept, AT(accept),
     "likewise: exit status 0 if no more than these failed"},
    {"visualize", 0, "DIR", value_text, AT(visualize),
     "pictures of the features, DIR/ROW-name.png"},
    {"trace", 0, "FILE", value_text, AT(trace),
     "when each worker did what, for Perfetto (JSON)"},
    {"report", 0, "FILE", value_text, AT(report),
     "a page of what became of what, and when (HTML)"},
    {"resume", 0, "[=verify]", read_resume, AT(resume),
     "only go on with an interrupted run; compare contents, too"},
    {"restart", 0, NULL, value_flag, AT(restart),
     "begin anew, whatever an interrupted run left"},
    {"print-python", 0, NULL, value_flag, AT(print_python),
     "only print a script of scikit-image that gives the same"},
    {0}};

const struct option_spec hog_image_options[] = {
    {"color", 0, "color|all|gray|rgb2gray", value_color, AT(image.color),
     "channels (color: as stored, no alpha)"},
    {"resize", 0, "RxC", value_extent, AT(resize),
     "resample to ROWSxCOLUMNS, every value as Pillow's"},
    {"ragged", 0, NULL, value_flag, AT(ragged),
     "images keep their sizes: rows of many lengths (.h5)"},
    {"truncated", 0, "fail|accept", read_truncated, AT(image.truncated),
     "a file that is cut: as far as it goes (fail)"},
    {0}};

const struct option_spec hog_feature_options[] = {
    {"method", 0, "skimage|dalal-triggs|uoctti", value_method, AT(method),
     "whose features (skimage)"},
    {"orientations", 0, "N", value_count, AT(orientations),
     "bins of a histogram (9)"},
    {"pixels-per-cell", 0, "RxC", value_extent, AT(cell),
     "size of a cell (8x8)"},
    {"cells-per-block", 0, "RxC", value_extent, AT(block),
     "size of a block (3x3; dalal-triggs 2x2)"},
    {"block-norm", 0, "L1|L1-sqrt|L2|L2-Hys", read_norm, 0,
     "how blocks are normalized (L2-Hys)"},
    {"transform-sqrt", 0, NULL, value_flag, AT(transform_sqrt),
     "square root of the pixels first"},
    {"dtype", 0, "f64|f32|f16", value_floats, AT(dtype),
     "element type of the features (f64)"},
    {0}};
