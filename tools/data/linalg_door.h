/* The functions of libforay-linalg. */
#ifndef FORAY_TOOLS_DATA_LINALG_DOOR_H
#define FORAY_TOOLS_DATA_LINALG_DOOR_H

#include <foray/linalg.h>

struct linalg_door {
    __typeof__(foray_matmul) *matmul;
    __typeof__(foray_gram) *gram;
    __typeof__(foray_knn) *knn;
};

/* NULL, with FORAY_ENOTSUP, where this foray was built without OpenBLAS or the
 * library is not installed. */
const struct linalg_door *linalg_door(struct foray_error *err);

#endif
