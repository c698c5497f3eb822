/* What philox.py asks of the library:
 *
 *     philox_dump WHAT SEED STREAM N [LIMIT]
 *
 * N numbers, 8 bytes each, to standard output. WHAT is "raw", "floats",
 * "below" (LIMIT) or "normal".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/random.h>

int main(int argc, char **argv)
{
    struct foray_rng rng;
    uint64_t limit;

    if (argc < 5)
        return EXIT_FAILURE;
    foray_rng_init(&rng, strtoull(argv[2], NULL, 10),
                   strtoull(argv[3], NULL, 10));
    limit = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
    for (long n = strtol(argv[4], NULL, 10); n > 0; n--) {
        uint64_t whole = 0;
        double real = 0;

        if (!strcmp(argv[1], "raw"))
            whole = foray_rng_u64(&rng);
        else if (!strcmp(argv[1], "below"))
            whole = foray_rng_below(&rng, limit);
        else if (!strcmp(argv[1], "floats"))
            real = foray_rng_f64(&rng);
        else
            real = foray_rng_normal(&rng);
        if (strcmp(argv[1], "raw") != 0 && strcmp(argv[1], "below") != 0)
            memcpy(&whole, &real, sizeof whole);
        if (fwrite(&whole, sizeof whole, 1, stdout) != 1)
            return EXIT_FAILURE;
    }
    return fclose(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
