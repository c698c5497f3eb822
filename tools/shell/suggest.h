/* Did you mean? The name that a mistyped word is nearest to. */
#ifndef FORAY_TOOLS_SHELL_SUGGEST_H
#define FORAY_TOOLS_SHELL_SUGGEST_H

struct suggestion {
    const char *name; /* NULL: none is near */
    int distance;
};

/* Take `name` if it is nearer to `word` than what was taken before, and no more
 * than two edits away: a letter more, less, or another, or two that change
 * places. Short words allow one edit per two letters. */
void suggest(struct suggestion *suggestion, const char *word, const char *name);

#endif
