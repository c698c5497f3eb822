/* Claims that are offered while a run goes on, as lib/engine/stream.c does it:
 * every interleaving of two workers and the parent, each worker dying at any
 * step. claims.pml has the protocol itself; here are the places of words used
 * again and again, outcomes recorded one by one, and batches given back.
 *
 * Batches of two tasks in two places. A worker may give the second task of a
 * batch back; the parent offers it as a word of its own. LEAVES workers leave
 * behind the first task instead: the word is pending again, its place the same.
 *
 * What must hold:
 *  - a place is written anew only when nobody owns it and nothing is expected;
 *  - a task begins at most once, and has one outcome: recorded, or a victim's;
 *  - the run comes to its end, with an outcome for every task.
 */
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef TASKS
#define TASKS 4
#endif
#ifndef LEAVES
#define LEAVES 0
#endif
#define BATCH 2
#define SLOTS 2
#define PLACES 2
#define NO_TASK 99

#define FREE 0
#define PENDING 1
#define OWNED 2
#define DONE 3
#define ABANDONED 4

typedef word_t {
    byte state, partial, slot, incarnation
}

word_t words[PLACES];
byte start[PLACES], stop[PLACES], settled[PLACES]; /* in shared memory */
byte n_left[PLACES], last[PLACES];                 /* the parent's own */
byte hint, offered, tail, deaths, leaves, returned;
byte current[SLOTS], incarnation[SLOTS], newest[SLOTS];
bool dead[SLOTS], resting[SLOTS], closing;
byte started[TASKS], recorded[TASKS], collected[TASKS], victim[TASKS];

#define STEP(action)                                                           \
    if                                                                         \
    :: deaths < DEATHS -> deaths++; goto died                                  \
    :: action                                                                  \
    fi

inline try_claim(p)
{
    atomic {
        claimed = false;
        if
        :: words[p].state == PENDING ->
            words[p].state = OWNED;
            words[p].slot = slot;
            words[p].incarnation = me;
            was_partial = words[p].partial;
            claimed = true
        :: else
        fi
    }
}

proctype worker(byte slot; byte me)
{
    byte w, i;
    bool claimed, was_partial, leaving;

look:
    do
    :: STEP(atomic { /* compare-and-swap of the hint */
           if
           :: hint < offered -> w = hint; hint++
           :: else -> w = NO_TASK
           fi
       });
       if
       :: w != NO_TASK ->
           w = w % PLACES;
           STEP(try_claim(w));
           if
           :: claimed -> goto own
           :: else
           fi
       :: else -> break
       fi
    od;
    w = 0;
    do
    :: w < PLACES ->
        STEP(try_claim(w));
        if
        :: claimed -> goto own
        :: else -> w++
        fi
    :: else -> break
    od;
    (closing || words[0].state == PENDING || words[1].state == PENDING);
    if
    :: closing -> goto left
    :: else -> goto look
    fi;
own:
    i = start[w];
    if
    :: was_partial -> i = i + settled[w]
    :: else
    fi;
    do
    :: i < stop[w] ->
        if
        :: i > start[w] && !was_partial -> break /* others shall have it */
        :: i > start[w] && !was_partial && leaves < LEAVES ->
            leaves++;
            leaving = true;
            break
        :: true
        fi;
        STEP(current[slot] = i);
        STEP(started[i]++);
        STEP(recorded[i]++);
        i++
    :: else -> break
    od;
    if
    :: i == stop[w] ->
        STEP(current[slot] = i);
        STEP(atomic {
            assert(words[w].slot == slot && words[w].incarnation == me);
            words[w].state = DONE;
            words[w].partial = 0;
            words[w].slot = 0;
            words[w].incarnation = 0
        })
    :: i < stop[w] && leaving ->
        STEP(settled[w] = i - start[w]);
        STEP(atomic {
            assert(words[w].slot == slot && words[w].incarnation == me);
            words[w].state = PENDING;
            words[w].partial = 1; /* release */
            words[w].slot = 0;
            words[w].incarnation = 0
        })
    :: else ->
        STEP(settled[w] = i - start[w]);
        STEP(atomic {
            assert(words[w].slot == slot && words[w].incarnation == me);
            words[w].state = ABANDONED;
            words[w].partial = 1;
            words[w].slot = 0;
            words[w].incarnation = 0
        });
        STEP(returned++)
    fi;
    STEP(current[slot] = NO_TASK);
    if
    :: leaving -> goto rest
    :: else
    fi;
    d_step {
        w = 0;
        i = 0;
        claimed = false;
        was_partial = false
    };
    goto look;
died:
    skip;
    d_step {
        w = 0;
        i = 0;
        claimed = false;
        was_partial = false;
        leaving = false;
        dead[slot] = true
    };
    goto left;
rest:
    skip;
    d_step {
        w = 0;
        i = 0;
        claimed = false;
        was_partial = false;
        leaving = false;
        resting[slot] = true
    };
left:
    skip
}

/* The batch of task t is the one in whose place it is expected. */
inline account(t)
{
    k = 0;
    do
    :: k < PLACES ->
        if
        :: n_left[k] > 0 && t >= start[k] && t < last[k] ->
            n_left[k]--;
            n_settled++;
            break
        :: else -> k++
        fi
    :: else ->
        assert(false); /* nobody expects it */
        break
    od
}

/* Outcomes that were recorded and not collected yet. */
inline collect()
{
    t = 0;
    do
    :: t < TASKS ->
        if
        :: recorded[t] > collected[t] ->
            collected[t]++;
            newest_of(t);
            account(t)
        :: else
        fi;
        t++
    :: else -> break
    od
}

/* Which slot recorded it last is known from its ring: here, who runs it. */
inline newest_of(t)
{
    if
    :: current[0] == t || current[0] == t + 1 -> newest[0] = t
    :: else
    fi;
    if
    :: current[1] == t || current[1] == t + 1 -> newest[1] = t
    :: else
    fi
}

inline bury(s)
{
    b = 0;
    do
    :: b < PLACES ->
        if
        :: words[b].state == OWNED && words[b].slot == s &&
           words[b].incarnation == incarnation[s] ->
            k = 0;
            if
            :: words[b].partial -> k = settled[b]
            :: else
            fi;
            if
            :: current[s] >= start[b] + k && current[s] < stop[b] ->
                k = current[s] + 1 - start[b];
                if
                :: collected[current[s]] == 0 ->
                    victim[current[s]]++;
                    t = current[s];
                    settle_victim = true
                :: else
                fi
            :: current[s] == stop[b] -> k = stop[b] - start[b]
            :: else
            fi;
            if
            :: k < stop[b] - start[b] ->
                settled[b] = k;
                atomic {
                    words[b].partial = 1;
                    words[b].state = PENDING;
                    words[b].slot = 0;
                    words[b].incarnation = 0
                }
            :: else ->
                atomic {
                    words[b].partial = 0;
                    words[b].state = DONE;
                    words[b].slot = 0;
                    words[b].incarnation = 0
                }
            fi;
            break
        :: else -> b++
        fi
    :: else -> break
    od;
    if
    :: settle_victim -> account(t); settle_victim = false
    :: else
    fi
}

#define OVER(p) (words[p].state == DONE || words[p].state == ABANDONED)

inline offer(first, behind)
{
    b = offered % PLACES;
    assert(words[b].state != OWNED && words[b].state != PENDING);
    assert(n_left[b] == 0);
    start[b] = first;
    stop[b] = behind;
    last[b] = behind;
    n_left[b] = behind - first;
    atomic {
        words[b].partial = 0;
        words[b].state = PENDING
    };
    offered++
}

/* Of a batch that came back: the rest waits for a place of its own. */
inline take_back(p)
{
    if
    :: n_left[p] > 0 && words[p].state == ABANDONED && words[p].partial &&
       start[p] + settled[p] < last[p] ->
        rest = start[p] + settled[p];
        n_left[p] = n_left[p] - (last[p] - rest);
        last[p] = rest
    :: else
    fi
}

active proctype parent()
{
    byte s, b, k, t, next, n_settled, rest = NO_TASK;
    bool settle_victim;

    d_step {
        current[0] = NO_TASK;
        current[1] = NO_TASK;
        newest[0] = NO_TASK;
        newest[1] = NO_TASK;
        incarnation[0] = 1;
        incarnation[1] = 1
    };
    run worker(0, 1);
    run worker(1, 1);
    do
    :: n_settled == TASKS -> break
    :: n_settled < TASKS ->
        d_step { /* a look at what is there; the next look sees the rest */
            collect();
            if
            :: rest == NO_TASK -> take_back(0)
            :: else
            fi;
            if
            :: rest == NO_TASK -> take_back(1)
            :: else
            fi;
            do /* places are given up in order */
            :: tail < offered && n_left[tail % PLACES] == 0 &&
               OVER(tail % PLACES) -> tail++
            :: else -> break
            od
        };
        if
        :: dead[0] || dead[1] ->
            if
            :: dead[0] -> s = 0
            :: else -> s = 1
            fi;
            d_step { collect() };
            bury(s);
            dead[s] = false;
            current[s] = NO_TASK;
            incarnation[s]++;
            run worker(s, incarnation[s])
        :: (resting[0] || resting[1]) &&
           (words[0].state == PENDING || words[1].state == PENDING) ->
            if
            :: resting[0] -> s = 0
            :: else -> s = 1
            fi;
            resting[s] = false;
            incarnation[s]++;
            run worker(s, incarnation[s])
        :: !dead[0] && !dead[1] && offered - tail < PLACES && rest != NO_TASK ->
            offer(rest, rest + 1);
            rest = NO_TASK
        :: !dead[0] && !dead[1] && offered - tail < PLACES &&
           rest == NO_TASK && next < TASKS ->
            offer(next, next + BATCH);
            next = next + BATCH
        :: else
        fi
    od;
    t = 0;
    do
    :: t < TASKS ->
        assert(started[t] <= 1 && recorded[t] + victim[t] == 1);
        t++
    :: else -> break
    od;
    closing = true
}
