#include "storage/pickle_stack.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { MOST_STACK = 1 << 20, MOST_MEMO = 1 << 22 };

int foray__pickle_bad(struct foray__pickle *pickle, const char *what)
{
    return foray__fail(pickle->err, FORAY_EFORMAT,
                       "%s is no joblib file, or damaged: %s, before byte %llu",
                       pickle->name, what,
                       (unsigned long long)pickle->input->position);
}

int foray__pickle_full(struct foray__pickle *pickle)
{
    return foray__fail(pickle->err, FORAY_ETOOLARGE,
                       "%s holds more values than foray reads from a joblib "
                       "file, or there is no memory for them",
                       pickle->name);
}

int foray__pickle_refuse(struct foray__pickle *pickle, unsigned char code)
{
    return foray__fail(pickle->err, FORAY_ENOTSUP,
                       "%s: byte %llu is the instruction 0x%02X of pickles, "
                       "which no array needs: only Python may read this file",
                       pickle->name,
                       (unsigned long long)pickle->input->position - 1, code);
}

int foray__pickle_push(struct foray__pickle *pickle,
                       struct foray__pickle_value *value)
{
    if (!value)
        return foray__pickle_full(pickle);
    if (pickle->depth == pickle->stack_room) {
        size_t room = pickle->stack_room ? 2 * pickle->stack_room : 64;
        struct foray__pickle_value **stack =
            room <= MOST_STACK ? realloc(pickle->stack, room * sizeof(void *))
                               : NULL;

        if (!stack)
            return foray__pickle_full(pickle);
        pickle->stack = stack;
        pickle->stack_room = room;
    }
    pickle->stack[pickle->depth++] = value;
    return 0;
}

/* The stack has a mark below which no instruction reaches. */
size_t foray__pickle_bottom(const struct foray__pickle *pickle)
{
    return pickle->n_marks ? pickle->marks[pickle->n_marks - 1] : 0;
}

/* The topmost `n` values, which the caller takes off. */
int foray__pickle_need(struct foray__pickle *pickle, size_t n)
{
    if (pickle->depth - foray__pickle_bottom(pickle) >= n)
        return 0;
    return foray__pickle_bad(pickle, "an instruction finds nothing to work on");
}

struct foray__pickle_value *
foray__pickle_top(const struct foray__pickle *pickle)
{
    return pickle->stack[pickle->depth - 1];
}

int foray__pickle_mark(struct foray__pickle *pickle)
{
    if (pickle->n_marks == pickle->marks_room) {
        size_t room = pickle->marks_room ? 2 * pickle->marks_room : 16;
        size_t *marks = room <= MOST_STACK
                            ? realloc(pickle->marks, room * sizeof *marks)
                            : NULL;

        if (!marks)
            return foray__pickle_full(pickle);
        pickle->marks = marks;
        pickle->marks_room = room;
    }
    pickle->marks[pickle->n_marks++] = pickle->depth;
    return 0;
}

/* Where the values above the last mark begin; the mark is gone then. */
int foray__pickle_unmark(struct foray__pickle *pickle, size_t *first)
{
    if (!pickle->n_marks)
        return foray__pickle_bad(pickle, "an instruction finds no mark");
    *first = pickle->marks[--pickle->n_marks];
    return 0;
}

/* The values from `first` on become items of `to`. */
int foray__pickle_gather(struct foray__pickle *pickle,
                         struct foray__pickle_value *to, size_t first)
{
    if (!to)
        return foray__pickle_full(pickle);
    for (size_t i = first; i < pickle->depth; i++)
        if (!foray__pickle_append(&pickle->values, to, pickle->stack[i]))
            return foray__pickle_full(pickle);
    pickle->depth = first;
    return 0;
}

int foray__pickle_memoize(struct foray__pickle *pickle, uint64_t index)
{
    FORAY_TRY(foray__pickle_need(pickle, 1));
    if (index >= MOST_MEMO)
        return foray__pickle_full(pickle);
    if (index >= pickle->memo_room) {
        size_t room = (size_t)index + index / 2 + 64;
        struct foray__pickle_value **memo =
            realloc(pickle->memo, room * sizeof(void *));

        if (!memo)
            return foray__pickle_full(pickle);
        memset(memo + pickle->memo_room, 0,
               (room - pickle->memo_room) * sizeof(void *));
        pickle->memo = memo;
        pickle->memo_room = room;
    }
    /* MEMOIZE counts what is there. */
    pickle->next_memo += !pickle->memo[index];
    pickle->memo[index] = foray__pickle_top(pickle);
    return 0;
}

void foray__pickle_close(struct foray__pickle *pickle)
{
    foray__pickle_free(&pickle->values);
    free(pickle->stack);
    free(pickle->memo);
    free(pickle->marks);
    pickle->stack = pickle->memo = NULL;
    pickle->marks = NULL;
}
