/* Source: ITU-T T.81, A.2 and E.2; JFIF 1.02, the conversion to RGB, in
 * libjpeg's fixed point. */
#include "image/jpeg_eighth.h"

#include <stdio.h>
#include <stdlib.h>

/* jpeglib.h needs stdio.h. */
#include <jpeglib.h>

#include "base/feature.h"
#include "image/jpeg_part.h"

enum { MOST_PARTS = 3, MARKER_RST0 = 0xd0, MARKER_EOI = 0xd9 };

#if JPEG_LIB_VERSION >= 70
#define SCALED_SIZE(component) ((component)->DCT_h_scaled_size)
#else
#define SCALED_SIZE(component) ((component)->DCT_scaled_size)
#endif

struct eighth {
    struct foray__jpeg_bits bits;
    struct foray__jpeg_code codes[2][NUM_HUFF_TBLS]; /* first, rest */
    struct foray__jpeg_part parts[MOST_PARTS];
    int n_parts;
    size_t mcus; /* in a row */
};

/* MCU number `column` of a row. */
static bool read_mcu(struct eighth *eighth, size_t column)
{
    foray__jpeg_bits_ready(&eighth->bits);
    for (int p = 0; p < eighth->n_parts; p++) {
        struct foray__jpeg_part *part = &eighth->parts[p];
        uint8_t *to = part->pixels + column * part->across * part->size;

        if (!foray__jpeg_part_read(&eighth->bits, part, to))
            return false;
    }
    return foray__jpeg_bits_left(&eighth->bits) >= 0;
}

static uint8_t clip(int32_t x)
{
    return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

static void to_rgb(uint8_t *out, int32_t y, int32_t blue, int32_t red)
{
    enum { HALF = 1 << 15 };

    out[0] = clip(y + ((91881 * red + HALF) >> 16));
    out[1] = clip(y + ((HALF - 22554 * blue - 46802 * red) >> 16));
    out[2] = clip(y + ((116130 * blue + HALF) >> 16));
}

static const uint8_t *row_of(const struct foray__jpeg_part *part, size_t row)
{
    return part->pixels + (row >> part->high) * part->width;
}

/* Row `row` of those that a row of MCUs makes. */
static void put_row(uint8_t *out, const struct eighth *eighth, size_t row,
                    size_t cols)
{
    const struct foray__jpeg_part *blue = &eighth->parts[1],
                                  *red = &eighth->parts[2];
    const uint8_t *y = row_of(&eighth->parts[0], row), *b, *r;

    if (eighth->n_parts == 1) {
        memcpy(out, y, cols);
        return;
    }
    b = row_of(blue, row);
    r = row_of(red, row);
    for (size_t x = 0; x < cols; x++)
        to_rgb(out + 3 * x, y[x], b[x >> blue->wide] - 128,
               r[x >> red->wide] - 128);
}

static bool decode(const struct foray_array *pixels, struct eighth *eighth,
                   unsigned interval)
{
    size_t high = eighth->parts[0].down, rows = pixels->shape[0], n = 0;

    for (size_t top = 0; top < rows; top += high) {
        for (size_t column = 0; column < eighth->mcus; column++, n++) {
            if (interval && n && n % interval == 0) {
                if (!foray__jpeg_bits_pass(
                        &eighth->bits,
                        (int)(MARKER_RST0 + (n / interval - 1) % 8)))
                    return false;
                for (int p = 0; p < eighth->n_parts; p++)
                    eighth->parts[p].mean = 0;
            }
            if (!read_mcu(eighth, column))
                return false;
        }
        for (size_t row = 0; row < high && top + row < rows; row++)
            put_row(foray_row(pixels, top + row), eighth, row,
                    pixels->shape[1]);
    }
    return foray__jpeg_bits_pass(&eighth->bits, MARKER_EOI);
}

/* One scan with all of it, of eight bits and Huffman codes; gray, or YCbCr with
 * chroma that is whole or has half the rows or columns, or both. */
static bool is_usual(const struct jpeg_decompress_struct *decoder)
{
    const jpeg_component_info *part = decoder->comp_info;

    if (decoder->progressive_mode || decoder->arith_code ||
        decoder->data_precision != 8 ||
        decoder->comps_in_scan != decoder->num_components || decoder->Ss != 0 ||
        decoder->Se != 63 || decoder->Ah || decoder->Al)
        return false;
    for (int p = 0; p < decoder->num_components; p++)
        if (decoder->cur_comp_info[p] != &part[p])
            return false;
    if (decoder->num_components == 1)
        return decoder->out_color_space == JCS_GRAYSCALE;
    return decoder->num_components == MOST_PARTS &&
           decoder->jpeg_color_space == JCS_YCbCr &&
           decoder->out_color_space == JCS_RGB && part[0].h_samp_factor <= 2 &&
           part[0].v_samp_factor <= 2 && part[1].h_samp_factor == 1 &&
           part[1].v_samp_factor == 1 && part[2].h_samp_factor == 1 &&
           part[2].v_samp_factor == 1;
}

static bool make_code(struct foray__jpeg_code *out, JHUFF_TBL *const *tables,
                      int k, uint8_t most)
{
    return k >= 0 && k < NUM_HUFF_TBLS && tables[k] &&
           foray__jpeg_code_make(out, tables[k]->bits, tables[k]->huffval,
                                 most);
}

/* The codes of part `p`, whose size is known. Chroma mostly shares one. */
static bool set_codes(struct eighth *eighth, int p,
                      const struct jpeg_decompress_struct *decoder)
{
    const jpeg_component_info *from = &decoder->comp_info[p];
    struct foray__jpeg_part *part = &eighth->parts[p];
    struct foray__jpeg_code *first = &eighth->codes[0][from->dc_tbl_no & 3];
    struct foray__jpeg_code *rest = &eighth->codes[1][from->ac_tbl_no & 3];

    part->first = first;
    part->rest = rest;
    if (p && from[-1].dc_tbl_no == from->dc_tbl_no &&
        from[-1].ac_tbl_no == from->ac_tbl_no && part[-1].size == part->size)
        return true;
    if (!make_code(first, decoder->dc_huff_tbl_ptrs, from->dc_tbl_no, 15) ||
        !make_code(rest, decoder->ac_huff_tbl_ptrs, from->ac_tbl_no, UINT8_MAX))
        return false;
    foray__jpeg_code_level(first);
    if (part->size == 1)
        foray__jpeg_code_skip(rest);
    else
        foray__jpeg_code_level(rest);
    return true;
}

static bool set_part(struct eighth *eighth, int p,
                     const struct jpeg_decompress_struct *decoder)
{
    const jpeg_component_info *from = &decoder->comp_info[p];
    const jpeg_component_info *luma = &decoder->comp_info[0];
    struct foray__jpeg_part *part = &eighth->parts[p];
    bool gray = decoder->num_components == 1;
    unsigned halved_across = p && luma->h_samp_factor == 2;
    unsigned halved_down = p && luma->v_samp_factor == 2;
    int k = from->quant_tbl_no;

    part->size = halved_across && halved_down ? 2 : 1;
    if (SCALED_SIZE(from) != (int)part->size || k < 0 || k >= NUM_QUANT_TBLS ||
        !decoder->quant_tbl_ptrs[k] || !set_codes(eighth, p, decoder))
        return false;
    part->across = gray ? 1 : (unsigned)from->h_samp_factor;
    part->down = gray ? 1 : (unsigned)from->v_samp_factor;
    part->wide = part->size == 2 ? 0 : halved_across;
    part->high = part->size == 2 ? 0 : halved_down;
    part->steps = decoder->quant_tbl_ptrs[k]->quantval;
    part->width = eighth->mcus * part->across * part->size;
    return true;
}

static bool set_up(struct eighth *eighth,
                   const struct jpeg_decompress_struct *decoder)
{
    size_t across = decoder->num_components == 1
                        ? 1
                        : (size_t)decoder->comp_info[0].h_samp_factor;
    uint8_t *at = (uint8_t *)(eighth + 1);

    eighth->n_parts = decoder->num_components;
    eighth->mcus = (decoder->output_width + across - 1) / across;
    for (int p = 0; p < eighth->n_parts; p++) {
        struct foray__jpeg_part *part = &eighth->parts[p];

        if (!set_part(eighth, p, decoder))
            return false;
        part->mean = 0;
        part->pixels = at;
        at += part->width * part->down * part->size;
    }
    foray__jpeg_bits_open(&eighth->bits, decoder->src->next_input_byte,
                          decoder->src->bytes_in_buffer);
    return true;
}

bool foray__jpeg_eighth(const struct foray_array *pixels,
                        struct jpeg_decompress_struct *decoder)
{
    struct eighth *eighth;
    bool done;

    if (!foray__feature("jpeg_eighth") || !is_usual(decoder))
        return false;
    jpeg_calc_output_dimensions(decoder);
    if (decoder->output_height != pixels->shape[0] ||
        decoder->output_width != pixels->shape[1])
        return false;
    /* One row of MCUs: at most two of pixels, and two columns more than the
     * image has, of each part. */
    eighth = malloc(sizeof *eighth +
                    MOST_PARTS * 2 * (size_t)(decoder->output_width + 2));
    if (!eighth)
        return false;
    done = set_up(eighth, decoder) &&
           decode(pixels, eighth, decoder->restart_interval);
    free(eighth);
    return done;
}
