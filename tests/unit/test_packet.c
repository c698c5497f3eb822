/* Packets as they are written, and what a process makes of one that a task
 * wrote over. */
#include "helpers.h"

#include <string.h>

#include "engine/packet_check.h"
#include "engine/packet_write.h"
#include "mapping.h"

/* Arrays with more than four elements are in a segment. */
static int place(struct foray__place *out, const struct foray_array *array,
                 void *arg, struct foray_error *err)
{
    (void)arg;
    (void)err;
    out->segment = foray_array_nitems(array) > 4 ? 9 : 0;
    out->access = FORAY__ACCESS_HANDED;
    out->mode = FORAY_READ_WRITE;
    out->offset = 64;
    return 0;
}

/* A number, a string, an array in the packet and one in a segment. */
static struct foray__packet *write_packet(struct foray__bytes *bytes)
{
    static const struct foray__placer placer = {.place = place,
                                                .max_inline = 4096};
    static double elements[12];
    static const size_t shape[] = {4, 3};
    struct foray_array few = wrap(elements, FORAY_F64, 1, shape);
    struct foray_array many = wrap(elements, FORAY_F64, 2, shape);
    const struct foray_value values[] = {
        foray_value_i64(7), foray_value_str("seven"), foray_value_array(&few),
        foray_value_array(&many)};
    size_t at;

    memset(bytes, 0, sizeof *bytes);
    assert_int_equal(foray__packet_write(bytes, &at, 4, values, &placer, NULL),
                     0);
    assert_int_equal(at, 0);
    return (void *)bytes->data;
}

static void test_whole_packets_make_sense(void **state)
{
    struct foray__bytes bytes;
    struct foray__packet *packet = write_packet(&bytes);
    size_t size = (size_t)packet->size;

    (void)state;
    assert_true(foray__packet_makes_sense(packet, size));
    assert_true(foray__packet_makes_sense(packet, size + 8));
    for (size_t n = 0; n < size; n++)
        assert_false(foray__packet_makes_sense(packet, n));
    foray__bytes_free(&bytes);
}

static void test_segments_hold_their_arrays(void **state)
{
    struct foray__bytes bytes;
    const struct foray__packet_array *from =
        foray__packet_array_of(write_packet(&bytes), 3);

    (void)state;
    assert_true(foray__packet_array_lies_in(from, 64 + 12 * 8));
    assert_false(foray__packet_array_lies_in(from, 64 + 12 * 8 - 1));
    foray__bytes_free(&bytes);
}

/* Each in a packet of its own: what is changed, and to what. */
static void test_damage_is_seen(void **state)
{
    for (int damage = 0; damage < 14; damage++) {
        struct foray__bytes bytes;
        struct foray__packet *packet = write_packet(&bytes);
        struct foray__packet_value *values = packet->values;
        struct foray__packet_array *inside = (void *)(bytes.data + values[2].a);

        (void)state;
        switch (damage) {
        case 0:
            packet->n = 17;
            break;
        case 1:
            packet->size = sizeof *packet;
            break;
        case 2:
            values[0].kind = FORAY_KIND_POINTER;
            break;
        case 3:
            values[0].placed = 1;
            break;
        case 4:
            values[1].b = UINT64_MAX;
            break;
        case 5:
            bytes.data[values[1].a + values[1].b] = '!';
            break;
        case 6:
            values[2].a = packet->size - 8;
            break;
        case 7:
            inside->ndim = 33;
            break;
        case 8:
            inside->ndim = -1;
            break;
        case 9:
            inside->dims[0] = 1000;
            break;
        case 10:
            inside->dims[1] = -1000;
            break;
        case 11:
            inside->offset = -8;
            break;
        case 12:
            inside->itemsize = 4;
            break;
        case 13:
            inside->dtype = 99;
        }
        if (foray__packet_makes_sense(packet, (size_t)packet->size))
            fail_msg("damage %d is not seen", damage);
        foray__bytes_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_packets_make_sense),
        cmocka_unit_test(test_segments_hold_their_arrays),
        cmocka_unit_test(test_damage_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
