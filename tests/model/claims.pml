/* The claim protocol of lib/engine/claims.c, every interleaving of two workers
 * and the parent, each worker dying at any step, two runs in a row.
 *
 *     spin -a claims.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan
 *
 * Three tasks in two words: tasks 0 and 1 are a batch, task 2 is alone. The
 * last run may be cancelled at any moment. claims.sh checks smaller cases in
 * make check; all of it takes some minutes and gigabytes. Each step of a worker that touches
 * shared memory is one statement here, as it is one atomic access there.
 *
 * LEAVES workers make room for others in the middle of a word (max_tasks,
 * max_rss): the rest of it is pending again. Their places are taken when there
 * is work, or when the next run begins.
 *
 * What must hold:
 *  - a task begins only while its run is on, at most once, and in a worker
 *    that was told of the run's arrays;
 *  - when a run ends that was not cancelled, every task has finished, or was
 *    reported as the victim of a death, once;
 *  - when a cancelled run ends, a task counts as settled exactly if it began.
 */
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef RUNS
#define RUNS 2
#endif
#ifndef TASKS
#define TASKS 3
#endif
#ifndef LEAVES
#define LEAVES 0
#endif
#define SLOTS 2
#define WORDS 2
#define NO_TASK 99

#define PENDING 0
#define OWNED 1
#define DONE 2
#define ABANDONED 3

/* A word is one atomic value; its fields are only ever changed together. */
typedef word_t {
    byte generation, state, partial, slot, incarnation
}

word_t words[WORDS];
byte settled[WORDS];
byte hint, generation, cancelled, deaths, leaves;
byte current[SLOTS];
byte incarnation[SLOTS];
bool dead[SLOTS];
bool resting[SLOTS];  /* its worker has left */
bool admitted[SLOTS]; /* told of the run's arrays, may claim */
byte told[SLOTS];     /* the last run whose arrays it was told of */
bool closing; /* no more runs: workers may stop */

byte started[TASKS], finished[TASKS], victim[TASKS];

/* With two tasks each has a word of its own. */
#define BATCH (TASKS - 1)
#define START(w) ((w) * BATCH)
#define STOP(w) (((w) == 0) -> BATCH : TASKS)

/* A worker can die instead of every step that others could see. (Before a step
 * that only reads it would be the same as after the step before that.) */
#define STEP(action)                                                           \
    if                                                                         \
    :: deaths < DEATHS -> deaths++; goto died                                  \
    :: action                                                                  \
    fi

inline try_claim(w)
{
    atomic {
        claimed = false;
        if
        :: words[w].generation == mine && words[w].state == PENDING ->
            words[w].state = OWNED;
            words[w].slot = slot;
            words[w].incarnation = me;
            claimed = true;
            was_partial = words[w].partial
        :: else
        fi
    }
}

proctype worker(byte slot; byte me)
{
    byte mine, w, i;
    bool claimed, was_partial, leaving;

begin:
    skip;
    d_step { /* forget what is of no use any more: fewer states */
        w = 0;
        i = 0;
        claimed = false;
        was_partial = false;
        mine = generation
    };
    if /* before the first run: fresh words look like its pending ones */
    :: closing -> goto left
    :: !closing && (mine == 0 || !admitted[slot]) -> goto idle
    :: else
    fi;
look:
    /* the hint first, then every word */
    do
    :: STEP(atomic { /* fetch_add */
           w = hint;
           if
           :: hint < WORDS -> hint++
           :: else
           fi
       });
       if
       :: w < WORDS ->
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
    :: w < WORDS ->
        STEP(try_claim(w));
        if
        :: claimed -> goto own
        :: else -> w++
        fi
    :: else -> break
    od;
idle: /* until the generation moves, or work comes back */
    (closing ||
     (admitted[slot] && (generation != mine ||
                         (mine != 0 && words[0].state == PENDING) ||
                         (mine != 0 && words[1].state == PENDING))));
    goto begin;
own:
    i = START(w);
    if
    :: was_partial -> i = i + settled[w]
    :: else
    fi;
    do
    :: i < STOP(w) ->
        if
        :: cancelled == mine -> break
        :: else
        fi;
        STEP(current[slot] = i);
        STEP(atomic {
            assert(generation == mine); /* the run is still on */
            assert(told[slot] == mine);
            started[i]++
        });
        STEP(finished[i]++);
        i++;
        if
        :: leaves < LEAVES -> leaves++; leaving = true; break
        :: true
        fi
    :: else -> break
    od;
    if
    :: i == STOP(w) ->
        STEP(current[slot] = i);
        STEP(atomic {
            assert(words[w].slot == slot && words[w].incarnation == me);
            words[w].generation = mine;
            words[w].state = DONE;
            words[w].partial = 0;
            words[w].slot = 0;
            words[w].incarnation = 0
        })
    :: i < STOP(w) && leaving ->
        STEP(settled[w] = i - START(w)); /* release */
        STEP(atomic {
            words[w].generation = mine;
            words[w].state = PENDING;
            words[w].partial = 1;
            words[w].slot = 0;
            words[w].incarnation = 0
        }); /* release */
    :: else ->
        STEP(settled[w] = i - START(w));
        STEP(atomic {
            words[w].generation = mine;
            words[w].state = ABANDONED;
            words[w].partial = 1;
            words[w].slot = 0;
            words[w].incarnation = 0
        })
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
        mine = 0;
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
        mine = 0;
        claimed = false;
        was_partial = false;
        leaving = false;
        resting[slot] = true
    };
left:
    skip
}

/* Parent: another worker in the place of one that died or left. */
inline replace(s)
{
    dead[s] = false;
    resting[s] = false;
    current[s] = NO_TASK;
    incarnation[s]++;
    admitted[s] = false;
    told[s] = 0;
    run worker(s, incarnation[s]) /* which looks around at once */
}

/* Parent: settle the word of a dead owner. */
inline bury(s)
{
    b = 0;
    do
    :: b < WORDS ->
        if
        :: words[b].state == OWNED && words[b].generation == generation &&
           words[b].slot == s && words[b].incarnation == incarnation[s] ->
            k = 0;
            if
            :: words[b].partial -> k = settled[b]
            :: else
            fi;
            if
            :: current[s] >= START(b) && current[s] < STOP(b) ->
                victim[current[s]]++;
                k = current[s] + 1 - START(b)
            :: current[s] == STOP(b) -> k = STOP(b) - START(b)
            :: else
            fi;
            if
            :: k < STOP(b) - START(b) ->
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
    od
}

inline close_pending()
{
    b = 0;
    do
    :: b < WORDS ->
        atomic {
            if
            :: words[b].state == PENDING -> words[b].state = ABANDONED
            :: else
            fi
        };
        b++
    :: else -> break
    od
}

#define SETTLED(t)                                                             \
    (words[(t) / BATCH].state == DONE ||                                           \
     (words[(t) / BATCH].partial && (t) - START((t) / BATCH) < settled[(t) / BATCH]))

#define LEFT(w) (words[w].state == PENDING || words[w].state == OWNED)
#define PENDING_ANY (words[0].state == PENDING || words[1].state == PENDING)

active proctype parent()
{
    byte s, b, k, t, r;

    s = 0;
    do
    :: s < SLOTS ->
        current[s] = NO_TASK;
        incarnation[s] = 1;
        run worker(s, 1);
        s++
    :: else -> break
    od;
    r = 1;
    do
    :: r <= RUNS ->
        d_step { /* counters of the model, no step of the protocol */
            t = 0;
            do
            :: t < TASKS ->
                started[t] = 0;
                finished[t] = 0;
                victim[t] = 0;
                t++
            :: else -> break
            od
        };
        if
        :: resting[0] -> replace(0)
        :: else
        fi;
        if
        :: resting[1] -> replace(1)
        :: else
        fi;
        b = 0;
        do
        :: b < WORDS ->
            atomic {
                words[b].generation = r;
                words[b].state = PENDING;
                words[b].partial = 0;
                words[b].slot = 0;
                words[b].incarnation = 0
            };
            b++
        :: else -> break
        od;
        hint = 0;
        d_step { /* all are told before the run begins */
            told[0] = r;
            told[1] = r;
            admitted[0] = true;
            admitted[1] = true
        };
        generation = r;
        do
        :: dead[0] || dead[1] ->
            if
            :: dead[0] -> s = 0
            :: else -> s = 1
            fi;
            bury(s);
            replace(s);
            told[s] = r;
            admitted[s] = true;
            if
            :: cancelled == r -> close_pending()
            :: else
            fi
        :: resting[0] || resting[1] ->
            if
            :: resting[0] -> s = 0
            :: else -> s = 1
            fi;
            if
            :: cancelled == r -> resting[s] = false; close_pending()
            :: cancelled != r && PENDING_ANY ->
                replace(s);
                told[s] = r;
                admitted[s] = true
            :: cancelled != r && !PENDING_ANY && (LEFT(0) || LEFT(1)) -> skip
            :: cancelled != r && !LEFT(0) && !LEFT(1) -> break
            fi
        :: r == RUNS && cancelled != r && (LEFT(0) || LEFT(1)) ->
            cancelled = r;
            close_pending()
        :: !LEFT(0) && !LEFT(1) -> break
        od;
        t = 0;
        do
        :: t < TASKS ->
            assert(started[t] <= 1 && victim[t] <= 1);
            if
            :: cancelled != r ->
                assert(SETTLED(t));
                assert(victim[t] == 1 || finished[t] == 1)
            :: else ->
                assert(!SETTLED(t) || victim[t] == 1 || finished[t] == 1);
                assert(SETTLED(t) || started[t] == 0)
            fi;
            t++
        :: else -> break
        od;
        r++
    :: else -> break
    od;
    closing = true
}
