#include "outside.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <foray.h>

#include "base/leave.h"

struct item {
    struct foray_done done; /* bytes NULL: not executed */
    const void *bytes;
    size_t size;
    struct item *next;
};

/* First in, first out. */
struct queue {
    struct item *first, **last;
};

static void put(struct queue *queue, struct item *item)
{
    item->next = NULL;
    *(queue->first ? queue->last : &queue->first) = item;
    queue->last = &item->next;
}

static struct item *take(struct queue *queue)
{
    struct item *item = queue->first;

    if (item)
        queue->first = item->next;
    return item;
}

static struct item *new_item(uint64_t id, const void *bytes, size_t size)
{
    struct item *item = calloc(1, sizeof *item);

    if (!item)
        abort();
    item->done.id = id;
    item->bytes = bytes;
    item->size = size;
    return item;
}

static int fail(struct foray_error *err, int code, const char *why)
{
    err->code = code;
    snprintf(err->msg, sizeof err->msg, "%s", why);
    return code;
}

/* Threads */

enum { MAX_THREADS = 64 };

struct threads {
    pthread_t threads[MAX_THREADS];
    int n;
    atomic_int n_begun;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct queue waiting, done;
    bool closing;
    _Atomic uint32_t ending;
};

static void *work(void *arg)
{
    struct threads *crew = arg;
    int number = atomic_fetch_add(&crew->n_begun, 1);
    struct foray_error err;
    struct item *item;

    pthread_mutex_lock(&crew->lock);
    while (!crew->closing) {
        item = take(&crew->waiting);
        if (!item) {
            pthread_cond_wait(&crew->changed, &crew->lock);
            continue;
        }
        pthread_mutex_unlock(&crew->lock);
        if (!atomic_load(&crew->ending) &&
            foray_backend_execute(&item->done.bytes, &item->done.size,
                                  item->bytes, item->size, number,
                                  (const void *)&crew->ending, &err))
            fprintf(stderr, "%s\n", err.msg);
        pthread_mutex_lock(&crew->lock);
        put(&crew->done, item);
        pthread_cond_broadcast(&crew->changed);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static int thread_open(void **state, int *n_jobs, void *arg,
                       struct foray_error *err)
{
    struct threads *crew = calloc(1, sizeof *crew);

    (void)arg;
    if (!crew)
        return fail(err, FORAY_ENOMEM, "no memory for a thread");
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->changed, NULL);
    while (crew->n < *n_jobs && crew->n < MAX_THREADS &&
           !pthread_create(&crew->threads[crew->n], NULL, work, crew))
        crew->n++;
    if (!crew->n) {
        free(crew);
        return fail(err, FORAY_EAGAIN, "no thread can be had");
    }
    *n_jobs = crew->n;
    *state = crew;
    return 0;
}

static int thread_submit(void *state, uint64_t id, const void *bytes,
                         size_t size, struct foray_error *err)
{
    struct threads *crew = state;

    (void)err;
    pthread_mutex_lock(&crew->lock);
    atomic_store(&crew->ending, 0);
    put(&crew->waiting, new_item(id, bytes, size));
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    return 0;
}

static int thread_poll(void *state, double seconds, struct foray_done *done,
                       struct foray_error *err)
{
    struct threads *crew = state;
    struct timespec until;
    struct item *item;

    (void)err;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)(seconds * 1e9);
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&crew->lock);
    if (!crew->done.first && seconds > 0)
        pthread_cond_timedwait(&crew->changed, &crew->lock, &until);
    item = take(&crew->done);
    pthread_mutex_unlock(&crew->lock);
    if (!item)
        return 0;
    *done = item->done;
    free(item);
    return 1;
}

static void thread_cancel(void *state)
{
    struct threads *crew = state;

    atomic_store(&crew->ending, 1);
}

static void thread_close(void *state)
{
    struct threads *crew = state;

    pthread_mutex_lock(&crew->lock);
    crew->closing = true;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    while (crew->n)
        pthread_join(crew->threads[--crew->n], NULL);
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

/* Processes, each of which is told of one batch after another */

enum { MAX_PROCESSES = 8 };

struct process {
    pid_t pid;
    int socket, number;
    struct item *sent; /* NULL: it has nothing to do */
};

struct processes {
    struct process items[MAX_PROCESSES];
    int n;
    struct queue waiting;
    bool cancelled;
};

/* All bytes; false at the end of the other side. */
static bool transfer(int socket, void *bytes, size_t size, bool out)
{
    char *at = bytes;

    while (size) {
        ssize_t n = out ? send(socket, at, size, MSG_NOSIGNAL)
                        : recv(socket, at, size, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

_Noreturn static void serve(int socket, int number)
{
    struct foray_error err;
    void *bytes, *out;
    size_t size;

    signal(SIGSEGV, SIG_DFL); /* a fault is the end, and no failed test */
    while (transfer(socket, &size, sizeof size, false)) {
        bytes = malloc(size + 1);
        /* Not aligned: an executor need not care. */
        if (!bytes || !transfer(socket, (char *)bytes + 1, size, false))
            break;
        if (foray_backend_execute(&out, &size, (char *)bytes + 1, size, number,
                                  NULL, &err)) {
            fprintf(stderr, "%s\n", err.msg);
            break;
        }
        if (!transfer(socket, &size, sizeof size, true) ||
            !transfer(socket, out, size, true))
            break;
        free(out);
        free(bytes);
    }
    foray_backend_leave(number);
    foray__leave(0);
}

static int start(struct process *process)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return -1;
    process->pid = fork();
    if (process->pid == 0) {
        close(ends[0]);
        serve(ends[1], process->number);
    }
    close(ends[1]);
    process->socket = ends[0];
    return process->pid < 0 ? -1 : 0;
}

static void stop(struct process *process)
{
    shutdown(process->socket, SHUT_RDWR);
    close(process->socket);
    waitpid(process->pid, NULL, 0);
}

static int process_open(void **state, int *n_jobs, void *arg,
                        struct foray_error *err)
{
    struct processes *all = calloc(1, sizeof *all);

    (void)arg;
    if (!all)
        return fail(err, FORAY_ENOMEM, "no memory for a process");
    while (all->n < *n_jobs && all->n < MAX_PROCESSES) {
        all->items[all->n].number = all->n;
        if (start(&all->items[all->n]))
            break;
        all->n++;
    }
    if (!all->n) {
        free(all);
        return fail(err, FORAY_EAGAIN, "no process can be had");
    }
    *n_jobs = all->n;
    *state = all;
    return 0;
}

static int process_submit(void *state, uint64_t id, const void *bytes,
                          size_t size, struct foray_error *err)
{
    struct processes *all = state;

    (void)err;
    all->cancelled = false;
    put(&all->waiting, new_item(id, bytes, size));
    return 0;
}

/* A process that is gone is replaced; what it had does not come back. */
static void receive(struct process *process, struct item *item)
{
    if (transfer(process->socket, &item->done.size, sizeof item->done.size,
                 false)) {
        item->done.bytes = malloc(item->done.size);
        if (item->done.bytes &&
            transfer(process->socket, item->done.bytes, item->done.size, false))
            return;
        free(item->done.bytes);
    }
    item->done.bytes = NULL;
    stop(process);
    if (start(process))
        abort();
}

/* Who has nothing to do gets what waits. */
static void hand_out(struct processes *all)
{
    for (int i = 0; i < all->n && !all->cancelled; i++) {
        struct process *process = &all->items[i];
        struct item *item = process->sent ? NULL : take(&all->waiting);

        if (!item)
            continue;
        process->sent = item;
        transfer(process->socket, &item->size, sizeof item->size, true);
        transfer(process->socket, (void *)(uintptr_t)item->bytes, item->size,
                 true);
    }
}

/* What one of them has done; NULL: nothing so far. */
static struct item *wait_for_one(struct processes *all, double seconds)
{
    struct pollfd answers[MAX_PROCESSES];

    for (int i = 0; i < all->n; i++)
        answers[i] = (struct pollfd){
            .fd = all->items[i].sent ? all->items[i].socket : -1,
            .events = POLLIN};
    if (poll(answers, (nfds_t)all->n, (int)(seconds * 1e3)) <= 0)
        return NULL;
    for (int i = 0; i < all->n; i++) {
        struct item *item = all->items[i].sent;

        if (!answers[i].revents)
            continue;
        all->items[i].sent = NULL;
        receive(&all->items[i], item);
        return item;
    }
    return NULL;
}

static int process_poll(void *state, double seconds, struct foray_done *done,
                        struct foray_error *err)
{
    struct processes *all = state;
    struct item *item;

    (void)err;
    hand_out(all);
    item = all->cancelled ? take(&all->waiting) : NULL;
    if (!item)
        item = wait_for_one(all, seconds);
    if (!item)
        return 0;
    *done = item->done;
    free(item);
    return 1;
}

static void process_cancel(void *state)
{
    struct processes *all = state;

    all->cancelled = true;
}

static void process_close(void *state)
{
    struct processes *all = state;

    for (int i = 0; i < all->n; i++)
        stop(&all->items[i]);
    free(all);
}

void register_outside(void)
{
    struct foray_backend outside = {.name = "outside",
                                    .shares_memory = true,
                                    .open = thread_open,
                                    .submit = thread_submit,
                                    .poll = thread_poll,
                                    .cancel = thread_cancel,
                                    .close = thread_close};
    struct foray_backend elsewhere = {.name = "elsewhere",
                                      .open = process_open,
                                      .submit = process_submit,
                                      .poll = process_poll,
                                      .cancel = process_cancel,
                                      .close = process_close};
    struct foray_error err;

    if (!foray_backend_register(&outside, &err) &&
        !foray_backend_register(&elsewhere, &err))
        return;
    fprintf(stderr, "%s\n", err.msg);
    exit(99);
}
