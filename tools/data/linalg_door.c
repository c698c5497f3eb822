#include "data/linalg_door.h"

#include <config.h>

#include "data/door.h"

#if !defined(FORAY_WITH_OPENBLAS)
const struct linalg_door *linalg_door(struct foray_error *err)
{
    door_missing("linear algebra", err);
    return NULL;
}
#elif defined(FORAY_STATIC)
const struct linalg_door *linalg_door(struct foray_error *err)
{
    static const struct linalg_door door = {foray_matmul, foray_gram,
                                            foray_knn};

    (void)err;
    return &door;
}
#else
const struct linalg_door *linalg_door(struct foray_error *err)
{
    static const char *const names[] = {"matmul", "gram", "knn"};
    static union {
        struct linalg_door door;
        void *functions[3];
    } found;

    if (!found.door.matmul &&
        door_open(found.functions, "libforay-linalg.so.0", "foray_", names, 3,
                  "linear algebra", err))
        return NULL;
    return &found.door;
}
#endif
