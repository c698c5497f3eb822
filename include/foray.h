/* foray: parallel loops over large arrays in forked workers that share memory.
 *
 * This header brings in all of libforay. Libraries of their own are
 * libforay-image (<foray/image.h>, <foray/hog.h>, <foray/hog_batch.h>),
 * libforay-hdf5 (<foray/hdf5.h>) and libforay-linalg (<foray/linalg.h>).
 *
 * Order of arguments: the object, outputs, inputs, a configuration, a callback
 * before its `arg`, `struct foray_error *err` last.
 */
#ifndef FORAY_H
#define FORAY_H

#include <foray/array.h>
#include <foray/atomic.h>
#include <foray/backend.h>
#include <foray/call.h>
#include <foray/config.h>
#include <foray/dataset.h>
#include <foray/dtype.h>
#include <foray/error.h>
#include <foray/eval.h>
#include <foray/init.h>
#include <foray/joblib.h>
#include <foray/kernel.h>
#include <foray/machine.h>
#include <foray/map.h>
#include <foray/npz.h>
#include <foray/npz_load.h>
#include <foray/parallel.h>
#include <foray/pool.h>
#include <foray/random.h>
#include <foray/reduce.h>
#include <foray/result.h>
#include <foray/size.h>
#include <foray/stats.h>
#include <foray/storage.h>
#include <foray/task.h>
#include <foray/texts.h>
#include <foray/verbose.h>

#endif
