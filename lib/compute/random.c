#include <foray/random.h>

#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 product;

enum { ROUNDS = 10, WORDS = 4 };

/* The multipliers and the steps of the key that the paper chose. */
static const uint64_t factors[2] = {0xD2E7470EE14C6C93, 0xCA5A826395121157};
static const uint64_t steps[2] = {0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B};

static void encrypt(uint64_t out[WORDS], const uint64_t counter[WORDS],
                    const uint64_t key[2])
{
    uint64_t a = counter[0], b = counter[1], c = counter[2], d = counter[3];
    uint64_t k = key[0], l = key[1];

    for (int i = 0; i < ROUNDS; i++) {
        product p = (product)factors[0] * a, q = (product)factors[1] * c;

        a = (uint64_t)(q >> 64) ^ b ^ k;
        c = (uint64_t)(p >> 64) ^ d ^ l;
        b = (uint64_t)q;
        d = (uint64_t)p;
        k += steps[0];
        l += steps[1];
    }
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
}

static void count(uint64_t counter[WORDS], uint64_t blocks)
{
    uint64_t carry = blocks;

    for (int i = 0; i < WORDS && carry; i++) {
        counter[i] += carry;
        carry = counter[i] < carry;
    }
}

/* As NumPy, which counts before it makes a block: the first is of counter 1. */
static void next_block(struct foray_rng *rng)
{
    count(rng->counter, 1);
    encrypt(rng->block, rng->counter, rng->key);
    rng->left = WORDS;
}

void foray_rng_init(struct foray_rng *rng, uint64_t seed, uint64_t stream)
{
    memset(rng, 0, sizeof *rng);
    rng->key[0] = seed;
    rng->key[1] = stream;
}

void foray_task_rng(struct foray_rng *out, const struct foray_task *task,
                    uint64_t seed)
{
    foray_rng_init(out, seed, foray_task_index(task));
}

void foray_rng_advance(struct foray_rng *rng, uint64_t n)
{
    if (n > rng->left) {
        n -= rng->left;
        count(rng->counter, (n - 1) / WORDS);
        next_block(rng);
        n = (n - 1) % WORDS + 1;
    }
    rng->left -= (unsigned)n;
}

uint64_t foray_rng_u64(struct foray_rng *rng)
{
    if (!rng->left)
        next_block(rng);
    return rng->block[WORDS - rng->left--];
}

double foray_rng_f64(struct foray_rng *rng)
{
    return (double)(foray_rng_u64(rng) >> 11) * 0x1p-53;
}

uint64_t foray_rng_below(struct foray_rng *rng, uint64_t n)
{
    product p = (product)foray_rng_u64(rng) * n;

    /* The lower word tells the 2^64 mod n numbers that are too many. It is
     * below n rarely, and only then the division is needed. */
    if ((uint64_t)p < n) {
        uint64_t excess = (0 - n) % n;

        while ((uint64_t)p < excess)
            p = (product)foray_rng_u64(rng) * n;
    }
    return (uint64_t)(p >> 64);
}

/* ln(x) of a normal number x > 0, within two units in the last place. The C
 * library's differs from CPU to CPU in the last bit; this one has operations
 * only that IEEE 754 rounds correctly, in one order. */
static double natural_log(double x)
{
    /* ln 2; `upper` ends with zeros, so that its multiples are exact. */
    static const double upper = 0x1.62e42fefa38p-1;
    static const double lower = 0x1.ef35793c7673p-45;
    static const double series[] = {1. / 21, 1. / 19, 1. / 17, 1. / 15, 1. / 13,
                                    1. / 11, 1. / 9,  1. / 7,  1. / 5,  1. / 3};
    int exponent;
    double m = frexp(x, &exponent), z, square, sum = 0;

    if (m < 0x1.6a09e667f3bcdp-1) { /* sqrt(1/2): z is small on both sides */
        m *= 2;
        exponent--;
    }
    /* ln(m) = 2 artanh(z) = 2 (z + z^3/3 + z^5/5 ...), |z| < 0.172 */
    z = (m - 1) / (m + 1);
    square = z * z;
    for (size_t k = 0; k < sizeof series / sizeof series[0]; k++)
        sum = (sum + series[k]) * square;
    return exponent * upper + (2 * z + (2 * z * sum + exponent * lower));
}

double foray_rng_normal(struct foray_rng *rng)
{
    double x, y, s;

    do {
        x = 2 * foray_rng_f64(rng) - 1;
        y = 2 * foray_rng_f64(rng) - 1;
        s = x * x + y * y;
    } while (s >= 1 || s == 0);
    return x * sqrt(-2 * natural_log(s) / s);
}
