#include "linalg/tiles.h"

#include <stdbool.h>

enum { LARGEST = 1024, SMALLEST = 128, ENOUGH = 64 };

static size_t count(size_t length, size_t part)
{
    return length / part + (length % part != 0);
}

static struct foray__tiles cut(size_t n, size_t m, size_t height, size_t width)
{
    return (struct foray__tiles){height, width, count(n, height),
                                 count(m, width)};
}

static bool are_enough(const struct foray__tiles *tiles)
{
    return tiles->down >= ENOUGH || tiles->across >= ENOUGH ||
           tiles->down * tiles->across >= ENOUGH;
}

struct foray__tiles foray__tiles(size_t n, size_t m)
{
    size_t side = LARGEST;
    struct foray__tiles tiles = cut(n, m, side, side);

    while (!are_enough(&tiles) && side > SMALLEST) {
        side /= 2;
        tiles = cut(n, m, side, side);
    }
    return tiles;
}
