#include "shell/suggest.h"

#include <string.h>

enum { MAX_LENGTH = 32, MAX_DISTANCE = 2 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Edits that make one of the other, as a table of what the first i letters of
 * one and the first j of the other need. */
static int distance(const char *a, int n, const char *b, int m)
{
    int edits[MAX_LENGTH + 1][MAX_LENGTH + 1];

    for (int i = 0; i <= n; i++)
        for (int j = 0; j <= m; j++) {
            if (!i || !j) {
                edits[i][j] = i + j;
                continue;
            }
            edits[i][j] = least(edits[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
                                1 + least(edits[i - 1][j], edits[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                edits[i][j] = least(edits[i][j], 1 + edits[i - 2][j - 2]);
        }
    return edits[n][m];
}

void suggest(struct suggestion *suggestion, const char *word, const char *name)
{
    size_t n = strlen(word), m = strlen(name);
    int d;

    if (n > MAX_LENGTH || m > MAX_LENGTH)
        return;
    d = distance(word, (int)n, name, (int)m);
    if (d > MAX_DISTANCE || 2 * d > (int)n ||
        (suggestion->name && d >= suggestion->distance))
        return;
    suggestion->name = name;
    suggestion->distance = d;
}
