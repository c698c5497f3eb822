COMPUTE_FILES = \
	lib/compute/arguments.c lib/compute/arguments.h \
	lib/compute/atomic.c \
	lib/compute/broadcast.c lib/compute/broadcast.h \
	lib/compute/chunk.c lib/compute/chunk.h \
	lib/compute/compiler.c lib/compute/compiler.h \
	lib/compute/elements.c lib/compute/elements.h \
	lib/compute/eval.c \
	lib/compute/eval_apply.c lib/compute/eval_apply.h \
	lib/compute/eval_atom.c \
	lib/compute/eval_code.c lib/compute/eval_code.h \
	lib/compute/eval_fold.c lib/compute/eval_fold.h \
	lib/compute/eval_function.c lib/compute/eval_function.h \
	lib/compute/eval_lexer.c lib/compute/eval_lexer.h \
	lib/compute/eval_loop.c lib/compute/eval_loop.h \
	lib/compute/eval_module.c lib/compute/eval_module.h \
	lib/compute/eval_parse.c lib/compute/eval_parse.h \
	lib/compute/eval_parser.h \
	lib/compute/eval_prelude.c lib/compute/eval_prelude.h \
	lib/compute/eval_promote.c lib/compute/eval_promote.h \
	lib/compute/eval_reduce.c lib/compute/eval_reduce.h \
	lib/compute/eval_run.c lib/compute/eval_run.h \
	lib/compute/eval_task.c lib/compute/eval_task.h \
	lib/compute/eval_tree.c lib/compute/eval_tree.h \
	lib/compute/eval_value.c lib/compute/eval_value.h \
	lib/compute/eval_walk.c lib/compute/eval_walk.h \
	lib/compute/extremes.c \
	lib/compute/journal_head.c lib/compute/journal_head.h \
	lib/compute/journalled.c lib/compute/journalled.h \
	lib/compute/kernel.c lib/compute/kernel_params.c \
	lib/compute/map.c lib/compute/map.h \
	lib/compute/module.c lib/compute/module.h \
	lib/compute/module_prune.c \
	lib/compute/moments.c lib/compute/moments.h \
	lib/compute/moments_kernel.c lib/compute/moments_kernel.h \
	lib/compute/npz_load.c \
	lib/compute/overlap.c lib/compute/overlap.h \
	lib/compute/places.c \
	lib/compute/random.c \
	lib/compute/reduce.c lib/compute/reduce.h \
	lib/compute/stats.c \
	lib/compute/sum.c \
	lib/compute/total.c lib/compute/total.h \
	lib/compute/whole_array.c lib/compute/whole_array.h

# Kernels compiled with instruction sets of their own: one noinst library each.
# The flags only allow: the user's CFLAGS come last.
LOOP_CFLAGS = $(LIBRARY_CFLAGS) $(FORAY_VECTOR_CFLAGS)
noinst_LTLIBRARIES += libforay-moments-baseline.la
libforay_moments_baseline_la_SOURCES = \
	lib/compute/moments_kernel_baseline.c lib/compute/moments_kernel_body.h
libforay_moments_baseline_la_CFLAGS = $(LOOP_CFLAGS)
COMPUTE_KERNELS = libforay-moments-baseline.la
if X86_64
noinst_LTLIBRARIES += libforay-moments-avx2.la libforay-moments-avx512.la
libforay_moments_avx2_la_SOURCES = lib/compute/moments_kernel_avx2.c
libforay_moments_avx2_la_CFLAGS = $(LOOP_CFLAGS) -mavx2
libforay_moments_avx512_la_SOURCES = lib/compute/moments_kernel_avx512.c
libforay_moments_avx512_la_CFLAGS = $(LOOP_CFLAGS) -mavx512f -mavx512dq \
	-mavx512vl -mprefer-vector-width=512
COMPUTE_KERNELS += libforay-moments-avx2.la libforay-moments-avx512.la
endif
