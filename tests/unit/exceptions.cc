// Tasks that throw, in a caller that would catch: the error names what it was.
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

#include <foray.h>

namespace
{

struct own_error : std::runtime_error {
    own_error() : std::runtime_error("mine")
    {
    }
    const char *what() const noexcept override
    {
        return "all mine";
    }
};

struct side {
    virtual ~side()
    {
    }
};
struct two_bases : side, std::logic_error {
    two_bases() : std::logic_error("hidden")
    {
    }
};

int throw_it(struct foray_task *task)
{
    switch (foray_task_index(task)) {
    case 0:
        throw std::runtime_error("no\nconvergence");
    case 1:
        throw own_error();
    case 2:
        throw 42;
    case 3:
        throw two_bases();
    case 4:
        throw std::string(300, 'x');
    case 5:
        throw std::out_of_range(std::string(1000, 'y'));
    default:
        break;
    }
    try {
        throw std::runtime_error("caught");
    } catch (const std::exception &) {
    }
    return 0;
}

const char *const wanted[] = {
    "C++ exception std::runtime_error: no convergence;",
    "own_error: all mine;",
    "C++ exception int;",
    "two_bases;",
    "C++ exception std::",
    "C++ exception std::out_of_range: yyyyyyyy",
};

int n_wrong, n_failed;

void check(const struct foray_error *err, void *)
{
    n_failed++;
    if (err->code == FORAY_ECRASH && err->task < 6 &&
        std::strstr(err->msg, wanted[err->task]) && err->frames.n > 0)
        return;
    std::printf("task %d: %s\n", static_cast<int>(err->task), err->msg);
    n_wrong++;
}

int run()
{
    struct foray_pool *pool = nullptr;
    struct foray_error err;
    struct foray_config config = {};
    struct foray_for loop = {};

    config.n_jobs = 2;
    config.on_error = FORAY_SKIP;
    loop.fn = throw_it;
    loop.n = 8;
    loop.failed = check;
    if (foray_pool_open(&pool, &config, &err) ||
        foray_for(pool, &loop, nullptr, &err)) {
        std::printf("%s\n", err.msg);
        return 1;
    }
    foray_pool_close(pool);
    return n_wrong || n_failed != 6;
}

} // namespace

int main()
{
    try {
        return run();
    } catch (...) { // in a worker, it would be
        std::printf("an exception came back\n");
    }
    return 2;
}
