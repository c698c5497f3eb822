/* A module with one task function that fails with VALUE: test_module.c loads
 * two of them, one after the other, at one address. */
#include <foray/export.h>

struct foray_task;
FORAY_API int answer(struct foray_task *task);

int answer(struct foray_task *task)
{
    return task ? VALUE : 0;
}
