### Unit tests: one program a noun, tests/unit/test_NOUN.c (make check),
### the long ones first: beside them the others run
UNIT_TESTS = \
	tests/unit/test_calls_stress \
	tests/unit/test_kills \
	tests/unit/test_snapshot \
	tests/unit/test_timeout \
	tests/unit/test_access \
	tests/unit/test_atomic \
	tests/unit/test_backend \
	tests/unit/test_blocks \
	tests/unit/test_blocks_random \
	tests/unit/test_backtrace \
	tests/unit/test_batches \
	tests/unit/test_budget \
	tests/unit/test_cancel \
	tests/unit/test_capture \
	tests/unit/test_cgroup \
	tests/unit/test_claims \
	tests/unit/test_clean \
	tests/unit/test_closed \
	tests/unit/test_codec \
	tests/unit/test_color \
	tests/unit/test_config \
	tests/unit/test_convert \
	tests/unit/test_copy \
	tests/unit/test_cpus \
	tests/unit/test_crash \
	tests/unit/test_dalal_triggs \
	tests/unit/test_damaged \
	tests/unit/test_dataset \
	tests/unit/test_dtype \
	tests/unit/test_environment \
	tests/unit/test_eval \
	tests/unit/test_expression \
	tests/unit/test_fit \
	tests/unit/test_folder \
	tests/unit/test_for \
	tests/unit/test_forkserver \
	tests/unit/test_full \
	tests/unit/test_futures \
	tests/unit/test_grandchild \
	tests/unit/test_guard \
	tests/unit/test_hog \
	tests/unit/test_hog_draw \
	tests/unit/test_hog_kernels \
	tests/unit/test_hog_places \
	tests/unit/test_hog_plan \
	tests/unit/test_hygiene \
	tests/unit/test_inherited \
	tests/unit/test_iterator \
	tests/unit/test_joblib_arrays \
	tests/unit/test_joblib_config \
	tests/unit/test_joblib_dispatch \
	tests/unit/test_joblib_errors \
	tests/unit/test_joblib_files \
	tests/unit/test_joblib_generators \
	tests/unit/test_joblib_lists \
	tests/unit/test_joblib_memmap_dumps \
	tests/unit/test_joblib_memmap_modes \
	tests/unit/test_joblib_memmap_npy \
	tests/unit/test_joblib_memmap_results \
	tests/unit/test_joblib_memmap_views \
	tests/unit/test_joblib_workers \
	tests/unit/test_journal \
	tests/unit/test_journal_file \
	tests/unit/test_later_function \
	tests/unit/test_lock \
	tests/unit/test_map \
	tests/unit/test_module \
	tests/unit/test_nested \
	tests/unit/test_newcomer \
	tests/unit/test_npy \
	tests/unit/test_npy_format \
	tests/unit/test_npy_rows \
	tests/unit/test_only_task \
	tests/unit/test_npz \
	tests/unit/test_once \
	tests/unit/test_orientation \
	tests/unit/test_orphans \
	tests/unit/test_outside \
	tests/unit/test_packet \
	tests/unit/test_partial \
	tests/unit/test_parallel \
	tests/unit/test_pool \
	tests/unit/test_progress \
	tests/unit/test_random \
	tests/unit/test_received \
	tests/unit/test_received_kept \
	tests/unit/test_recycling \
	tests/unit/test_reduce \
	tests/unit/test_reserve_ends \
	tests/unit/test_reshape \
	tests/unit/test_reserve \
	tests/unit/test_resize \
	tests/unit/test_retries \
	tests/unit/test_runtimes \
	tests/unit/test_save \
	tests/unit/test_scratch \
	tests/unit/test_scribbled \
	tests/unit/test_segment \
	tests/unit/test_session \
	tests/unit/test_share \
	tests/unit/test_size \
	tests/unit/test_slice \
	tests/unit/test_stats \
	tests/unit/test_storage \
	tests/unit/test_struck \
	tests/unit/test_sum \
	tests/unit/test_texts \
	tests/unit/test_threads \
	tests/unit/test_threads_limits \
	tests/unit/test_threads_memory \
	tests/unit/test_uoctti \
	tests/unit/test_verbose \
	tests/unit/test_view \
	tests/unit/test_wait \
	tests/unit/test_worker_life \
	tests/unit/test_zygote
# Samples are of every format: what is left out of the build is tested for that.
UNIT_TESTS += tests/unit/test_fingerprint tests/unit/test_pnm \
	tests/unit/test_tar tests/unit/test_tar_damaged
if WITH_HDF5
UNIT_TESTS += tests/unit/test_hdf5 tests/unit/test_hdf5_complete \
	tests/unit/test_hdf5_filter
tests_unit_test_hdf5_CFLAGS = $(AM_CFLAGS) $(HDF5_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_hdf5_LDADD = libforay-hdf5-core.la $(LDADD) $(HDF5_LIBS)
tests_unit_test_hdf5_complete_CFLAGS = $(tests_unit_test_hdf5_CFLAGS)
tests_unit_test_hdf5_complete_LDADD = $(tests_unit_test_hdf5_LDADD)
tests_unit_test_hdf5_filter_LDADD = libforay-hdf5-core.la $(LDADD)
endif
if WITH_JPEG
UNIT_TESTS += tests/unit/test_jpeg
endif
if WITH_PNG
UNIT_TESTS += tests/unit/test_png
endif
if WITH_TIFF
UNIT_TESTS += tests/unit/test_tiff
endif
if WITH_WEBP
UNIT_TESTS += tests/unit/test_webp
endif
if WITH_JPEG_AND_PNG
UNIT_TESTS += tests/unit/test_exif tests/unit/test_image
else
UNIT_TESTS += tests/unit/test_lacking
endif

if WITH_OPENBLAS
UNIT_TESTS += tests/unit/test_linalg
endif

# With what stands before the C library in the campaigns.
if INJECTION
UNIT_TESTS += tests/unit/test_refused
tests_unit_test_refused_SOURCES = tests/unit/test_refused.c $(INJECTOR) \
	$(SCENARIOS)
tests_unit_test_refused_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) -fno-builtin
tests_unit_test_refused_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=__gcov_dump
tests_unit_test_refused_LDADD = libforay-hdf5-core.la $(LDADD)
endif

if HAVE_CMOCKA
check_LTLIBRARIES += libforay-tests.la
libforay_tests_la_SOURCES = lib/base/leave.c tests/helpers.c tests/helpers.h \
	tests/block_pools.c tests/block_pools.h tests/board.c tests/board.h \
	tests/calls.c tests/calls.h tests/captured.c tests/captured.h \
	tests/every_backend.c tests/every_backend.h \
	tests/every_pool.c tests/every_pool.h tests/gate.c tests/gate.h \
	tests/hog_cases.c tests/hog_cases.h tests/inner.c tests/inner.h \
	tests/lives.c tests/lives.h \
	tests/references.c tests/references.h \
	tests/image_files.c tests/image_files.h tests/mapping.c tests/mapping.h \
	tests/modules.c tests/modules.h tests/once.c tests/once.h \
	tests/outside.c tests/outside.h \
	tests/pools.c tests/pools.h \
	tests/settings.c tests/settings.h tests/squares.c tests/squares.h \
	tests/tar_files.c tests/tar_files.h \
	tests/threads.c tests/threads.h \
	tests/zygote.c tests/zygote.h
libforay_tests_la_CFLAGS = $(LIBRARY_CFLAGS) $(CMOCKA_CFLAGS)
check_LTLIBRARIES += tests/unit/module1.la tests/unit/module2.la
tests_unit_module1_la_SOURCES = tests/unit/module.c
tests_unit_module1_la_CPPFLAGS = $(AM_CPPFLAGS) -DVALUE=1
tests_unit_module1_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version \
	-rpath /nowhere
tests_unit_module2_la_SOURCES = tests/unit/module.c
tests_unit_module2_la_CPPFLAGS = $(AM_CPPFLAGS) -DVALUE=2
tests_unit_module2_la_LDFLAGS = $(tests_unit_module1_la_LDFLAGS)
# Found by its name, as those are that it stands for.
check_LTLIBRARIES += tests/runtimes/libblis_fake.la
tests_runtimes_libblis_fake_la_SOURCES = tests/runtimes/fake_blis.c
tests_runtimes_libblis_fake_la_LDFLAGS = $(tests_unit_module1_la_LDFLAGS)
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
AM_CPPFLAGS += -I$(top_srcdir)/tests
AM_TESTS_ENVIRONMENT = CC='$(CC)'; export CC; \
	ASAN_OPTIONS=allocator_may_return_null=1:$$ASAN_OPTIONS; \
	export ASAN_OPTIONS;
LDADD = libforay-tests.la libforay-image-core.la libforay-core.la $(CMOCKA_LIBS)

### Models and rules
dist_check_SCRIPTS = tests/model/claims.sh tests/layers.sh \
	tests/unit/exceptions.sh tests/unit/forkserver.sh \
	tests/unit/test_headers.sh
EXTRA_DIST += tests/unit/exceptions.cc
EXTRA_DIST += tests/model/claims.pml tests/model/stream.pml
dist_check_SCRIPTS += tests/symbols.sh
TESTS += $(dist_check_SCRIPTS)

### Runtimes of BLAS and OpenMP: used, forked, used in the child
check_PROGRAMS += tests/runtimes/fork_dlopen
tests_runtimes_fork_dlopen_SOURCES = tests/runtimes/fork_runtime.c
if WITH_OPENBLAS
tests_unit_test_linalg_LDADD = libforay-linalg-core.la $(LDADD)
endif
tests_runtimes_fork_dlopen_LDADD = libforay-core.la
if HAVE_OPENMP
check_PROGRAMS += tests/runtimes/fork_linked
tests_runtimes_fork_linked_SOURCES = tests/runtimes/fork_runtime.c
tests_runtimes_fork_linked_CFLAGS = $(AM_CFLAGS) $(OPENMP_CFLAGS)
tests_runtimes_fork_linked_LDADD = libforay-core.la
endif
RUNTIME_TESTS = \
	tests/runtimes/gomp.sh \
	tests/runtimes/gomp_linked.sh \
	tests/runtimes/omp.sh \
	tests/runtimes/openblas_openmp.sh \
	tests/runtimes/openblas_pthread.sh
TESTS += $(RUNTIME_TESTS)
EXTRA_DIST += $(RUNTIME_TESTS) tests/runtimes/fork.sh

### Captured machines
EXTRA_DIST += data/machine/capture.sh \
	data/machine/above.txt data/machine/damaged.txt \
	data/machine/docker-v1.txt data/machine/docker-v2.txt \
	data/machine/hybrid.txt data/machine/hybrid-cores.txt \
	data/machine/killed.txt data/machine/killed-v1.txt \
	data/machine/killed-v2.txt \
	data/machine/none.txt data/machine/outside.txt \
	data/machine/slurm.txt data/machine/smt.txt \
	data/machine/v1.txt data/machine/v2.txt data/machine/v2-max.txt

### Reference values of NumPy, small, and the script that made them
EXTRA_DIST += \
	data/make_npy.py \
	data/npy/bool_5.npy \
	data/npy/bytes_3.npy \
	data/npy/c128_big_2.npy \
	data/npy/c64_2x1.npy \
	data/npy/date_1.npy \
	data/npy/f16_6.npy \
	data/npy/f32_fortran_2x3.npy \
	data/npy/f64_2x3x4.npy \
	data/npy/greek_1.npy \
	data/npy/i16_big_2x3.npy \
	data/npy/i64_32_axes.npy \
	data/npy/i8_0d.npy \
	data/npy/latin1_1.npy \
	data/npy/nested_1.npy \
	data/npy/structured_2.npy \
	data/npy/text_2.npy \
	data/npy/u64_3x0.npy

### Random numbers of NumPy, likewise
EXTRA_DIST += data/make_random.py \
	data/random/floats.npy \
	data/random/integers.npy \
	data/random/keys.npy \
	data/random/limits.npy \
	data/random/raw.npy

### HOG of scikit-image, likewise
EXTRA_DIST += \
	data/make_hog.py \
	data/hog/double.npy \
	data/hog/four.npy \
	data/hog/gray.npy \
	data/hog/gray_l1.npy \
	data/hog/gray_l1_sqrt.npy \
	data/hog/gray_l2.npy \
	data/hog/gray_l2_picture.npy \
	data/hog/gray_picture.npy \
	data/hog/long_blocks.npy \
	data/hog/rgb.npy \
	data/hog/signed.npy \
	data/hog/single.npy \
	data/hog/single_picture.npy \
	data/hog/single_rgb.npy \
	data/hog/sqrt.npy \
	data/hog/truth.npy \
	data/hog/wide.npy \
	data/hog/wide_rgb.npy

### Images, and the pixels Pillow decodes from them
EXTRA_DIST += data/make_images.py data/tiff_files.py data/image

### Of Pillow, OpenCV and VLFeat, likewise
EXTRA_DIST += \
	data/make_methods.py \
	data/methods/crop_bicubic_1_12x9.npy \
	data/methods/crop_bicubic_1_40x60.npy \
	data/methods/crop_bicubic_4_12x9.npy \
	data/methods/crop_bicubic_4_40x60.npy \
	data/methods/crop_bilinear_1_12x9.npy \
	data/methods/crop_bilinear_1_40x60.npy \
	data/methods/crop_bilinear_4_12x9.npy \
	data/methods/crop_bilinear_4_40x60.npy \
	data/methods/crop_box_1_12x9.npy \
	data/methods/crop_box_1_40x60.npy \
	data/methods/crop_box_4_12x9.npy \
	data/methods/crop_box_4_40x60.npy \
	data/methods/crop_lanczos_1_12x9.npy \
	data/methods/crop_lanczos_1_40x60.npy \
	data/methods/crop_lanczos_4_12x9.npy \
	data/methods/crop_lanczos_4_40x60.npy \
	data/methods/dalal_triggs_gray.npy \
	data/methods/dalal_triggs_long.npy \
	data/methods/dalal_triggs_odd.npy \
	data/methods/dalal_triggs_rgb.npy \
	data/methods/drafted.npy \
	data/methods/gray.npy \
	data/methods/pad_bicubic_1_12x9.npy \
	data/methods/pad_bicubic_1_40x60.npy \
	data/methods/pad_bicubic_4_12x9.npy \
	data/methods/pad_bicubic_4_40x60.npy \
	data/methods/pad_bilinear_1_12x9.npy \
	data/methods/pad_bilinear_1_40x60.npy \
	data/methods/pad_bilinear_4_12x9.npy \
	data/methods/pad_bilinear_4_40x60.npy \
	data/methods/pad_box_1_12x9.npy \
	data/methods/pad_box_1_40x60.npy \
	data/methods/pad_box_4_12x9.npy \
	data/methods/pad_box_4_40x60.npy \
	data/methods/pad_lanczos_1_12x9.npy \
	data/methods/pad_lanczos_1_40x60.npy \
	data/methods/pad_lanczos_4_12x9.npy \
	data/methods/pad_lanczos_4_40x60.npy \
	data/methods/resize_1_1x1.npy \
	data/methods/resize_1_33x10.npy \
	data/methods/resize_1_50x60.npy \
	data/methods/resize_1_7x11.npy \
	data/methods/resize_1_9x42.npy \
	data/methods/resize_2_1x1.npy \
	data/methods/resize_2_33x10.npy \
	data/methods/resize_2_50x60.npy \
	data/methods/resize_2_7x11.npy \
	data/methods/resize_2_9x42.npy \
	data/methods/resize_3_1x1.npy \
	data/methods/resize_3_33x10.npy \
	data/methods/resize_3_50x60.npy \
	data/methods/resize_3_7x11.npy \
	data/methods/resize_3_9x42.npy \
	data/methods/resize_4_1x1.npy \
	data/methods/resize_4_33x10.npy \
	data/methods/resize_4_50x60.npy \
	data/methods/resize_4_7x11.npy \
	data/methods/resize_4_9x42.npy \
	data/methods/rgb2gray.npy \
	data/methods/rgb2gray_wide.npy \
	data/methods/stretch_bicubic_1_12x9.npy \
	data/methods/stretch_bicubic_1_40x60.npy \
	data/methods/stretch_bicubic_4_12x9.npy \
	data/methods/stretch_bicubic_4_40x60.npy \
	data/methods/stretch_bilinear_1_12x9.npy \
	data/methods/stretch_bilinear_1_40x60.npy \
	data/methods/stretch_bilinear_4_12x9.npy \
	data/methods/stretch_bilinear_4_40x60.npy \
	data/methods/stretch_box_1_12x9.npy \
	data/methods/stretch_box_1_40x60.npy \
	data/methods/stretch_box_4_12x9.npy \
	data/methods/stretch_box_4_40x60.npy \
	data/methods/stretch_lanczos_1_12x9.npy \
	data/methods/stretch_lanczos_1_40x60.npy \
	data/methods/stretch_lanczos_4_12x9.npy \
	data/methods/stretch_lanczos_4_40x60.npy \
	data/methods/uoctti_gray.npy \
	data/methods/uoctti_rgb.npy \
	data/methods/uoctti_small.npy

### Against NumPy, when it is there
check_PROGRAMS += tests/conformance/array_check
tests_conformance_array_check_LDADD = libforay-core.la
TESTS += tests/conformance/npy.sh
EXTRA_DIST += tests/conformance/npy.py tests/conformance/npy.sh
check_PROGRAMS += tests/conformance/storage_check
tests_conformance_storage_check_LDADD = libforay-core.la
TESTS += tests/conformance/storage.sh
EXTRA_DIST += tests/conformance/storage.py tests/conformance/storage.sh
check_PROGRAMS += tests/conformance/files_check
tests_conformance_files_check_LDADD = libforay.la
TESTS += tests/conformance/npz.sh tests/conformance/joblib_files.sh
EXTRA_DIST += tests/conformance/python.sh tests/conformance/npz.py tests/conformance/npz.sh \
	tests/conformance/files.py \
	tests/conformance/joblib_files.py tests/conformance/joblib_files.sh

check_PROGRAMS += tests/conformance/philox_dump
tests_conformance_philox_dump_LDADD = libforay-core.la
TESTS += tests/conformance/philox.sh
EXTRA_DIST += tests/conformance/philox.py tests/conformance/philox.sh

### The command's arithmetic against NumPy, likewise
TESTS += tests/conformance/eval.sh
EXTRA_DIST += tests/conformance/eval.py tests/conformance/eval.sh

### The door for Python
TESTS += tests/conformance/python_door.sh
EXTRA_DIST += tests/conformance/python_door.py tests/conformance/python_door.sh

### Against joblib, likewise
check_PROGRAMS += tests/conformance/parallel_check
tests_conformance_parallel_check_LDADD = libforay-core.la
TESTS += tests/conformance/parallel.sh
EXTRA_DIST += tests/conformance/parallel.py tests/conformance/parallel.sh

### Conformance: other programs' values, when they are installed
check_PROGRAMS += tests/conformance/hog_dump
tests_conformance_hog_dump_LDADD = libforay-image-core.la libforay-core.la
check_PROGRAMS += tests/conformance/image_dump
tests_conformance_image_dump_LDADD = libforay-image-core.la libforay-core.la
dist_check_SCRIPTS += tests/conformance/hog_opencv.sh \
	tests/conformance/hog_skimage.sh tests/conformance/image_steps.sh
EXTRA_DIST += tests/conformance/hog_opencv.py \
	tests/conformance/hog_skimage.py tests/conformance/image_steps.py
check_PROGRAMS += tests/conformance/decode_dump
tests_conformance_decode_dump_LDADD = libforay-image-core.la libforay-core.la
dist_check_SCRIPTS += tests/conformance/decode.sh
EXTRA_DIST += tests/conformance/decode.py
if HAVE_VLFEAT
check_PROGRAMS += tests/conformance/uoctti
tests_conformance_uoctti_LDADD = libforay-image-core.la libforay-core.la -lvl
TESTS += tests/conformance/uoctti
endif

if WITH_HDF5
check_PROGRAMS += tests/conformance/hdf5_check
tests_conformance_hdf5_check_LDADD = libforay-hdf5-core.la libforay-core.la
endif
dist_check_SCRIPTS += tests/conformance/hdf5.sh \
	tests/conformance/hdf5_damage.sh tests/conformance/hdf5_full.sh \
	tests/conformance/hdf5_reflink.sh
EXTRA_DIST += tests/conformance/hdf5.py tests/conformance/hdf5_damage.py \
	tests/conformance/hdf5_reflink.py

### Benchmarks: make bench, or make tests/bench/bench_NOUN
BENCHES = tests/bench/bench_dump tests/bench/bench_files \
	tests/bench/bench_journal tests/bench/bench_stack \
	tests/bench/bench_hog \
	tests/bench/bench_methods tests/bench/bench_snapshot \
	tests/bench/bench_start
tests_bench_bench_dump_LDADD = libforay-core.la
tests_bench_bench_files_CPPFLAGS = $(AM_CPPFLAGS) \
	-DBENCH_SCRIPT='"$(srcdir)/tests/bench/bench_files.py"'
tests_bench_bench_files_LDADD = libforay.la
tests_bench_bench_hog_LDADD = libforay-image-core.la libforay-core.la
tests_bench_bench_methods_LDADD = libforay-image-core.la libforay-core.la
tests_bench_bench_snapshot_CPPFLAGS = $(AM_CPPFLAGS) \
	-DBENCH_SCRIPT='"$(srcdir)/tests/bench/bench_snapshot.py"'
tests_bench_bench_snapshot_LDADD = libforay.la
tests_bench_bench_start_LDADD = libforay.la
# These two are asked by bench_rows.py.
tests_bench_bench_journal_LDADD = libforay-image.la libforay.la
tests_bench_bench_stack_LDADD = libforay-image.la libforay.la
if HAVE_VLFEAT
tests_bench_bench_methods_CPPFLAGS = $(AM_CPPFLAGS) -DBENCH_VLFEAT
tests_bench_bench_methods_LDADD += -lvl
endif
if HAVE_OPENMP
BENCHES += tests/bench/bench_batch tests/bench/bench_dispatch \
	tests/bench/bench_calls tests/bench/bench_eval tests/bench/bench_stats
tests_bench_bench_eval_CFLAGS = $(AM_CFLAGS) $(OPENMP_CFLAGS) \
	$(FORAY_VECTOR_CFLAGS) -O3 -march=native
tests_bench_bench_eval_LDADD = libforay.la
tests_bench_bench_stats_CFLAGS = $(AM_CFLAGS) $(OPENMP_CFLAGS) \
	$(FORAY_VECTOR_CFLAGS) -O3 -march=native
tests_bench_bench_stats_LDADD = libforay.la
tests_bench_bench_calls_CFLAGS = $(AM_CFLAGS) $(OPENMP_CFLAGS)
tests_bench_bench_calls_LDADD = libforay.la -lm
tests_bench_bench_batch_CFLAGS = $(AM_CFLAGS) $(OPENMP_CFLAGS)
tests_bench_bench_batch_LDADD = libforay-image.la libforay.la
tests_bench_bench_dispatch_CFLAGS = $(AM_CFLAGS) $(OPENMP_CFLAGS)
tests_bench_bench_dispatch_LDADD = libforay.la
endif
if WITH_OPENBLAS
BENCHES += tests/bench/bench_linalg
tests_bench_bench_linalg_CFLAGS = $(AM_CFLAGS) $(OPENBLAS_CFLAGS)
tests_bench_bench_linalg_LDADD = libforay-linalg.la libforay.la $(OPENBLAS_LIBS)
endif
if WITH_HDF5
BENCHES += tests/bench/bench_hdf5
tests_bench_bench_hdf5_CFLAGS = $(AM_CFLAGS) $(HDF5_CFLAGS)
tests_bench_bench_hdf5_LDADD = libforay-hdf5.la libforay.la $(HDF5_LIBS) -lm
endif
EXTRA_PROGRAMS += $(BENCHES)
CLEANFILES += $(BENCHES)
BENCH_OF_BATCHES = tests/bench/bench_batch.sh
BENCH_OF_ROWS = tests/bench/bench_rows.py
EXTRA_DIST += $(BENCH_OF_BATCHES) $(BENCH_OF_ROWS) tests/bench/bench_calls.py \
	tests/bench/bench_files.py \
	tests/bench/bench_joblib.py tests/bench/bench_knn.py tests/bench/bench_methods.py \
	tests/bench/bench_snapshot.py tests/bench/measure.h
### Lines that tests execute (./configure --enable-coverage; make check before it)
EXTRA_DIST += tests/coverage.sh
coverage:
	sh $(srcdir)/tests/coverage.sh $(srcdir) .

### What runs in one process, or forks, under valgrind (not: what has vectors it
### does not know, or protects its memory)
VALGRIND_TESTS = tests/unit/test_atomic tests/unit/test_cgroup \
	tests/unit/test_claims tests/unit/test_clean tests/unit/test_codec \
	tests/unit/test_color tests/unit/test_config tests/unit/test_convert \
	tests/unit/test_copy tests/unit/test_cpus tests/unit/test_dalal_triggs \
	tests/unit/test_damaged tests/unit/test_dataset tests/unit/test_dtype \
	tests/unit/test_expression tests/unit/test_fingerprint tests/unit/test_fit \
	tests/unit/test_hog \
	tests/unit/test_hog_batch tests/unit/test_hog_draw \
	tests/unit/test_hog_kernels tests/unit/test_joblib_files \
	tests/unit/test_journal tests/unit/test_journal_file \
	tests/unit/test_lock tests/unit/test_npy \
	tests/unit/test_npy_format tests/unit/test_npy_rows \
	tests/unit/test_npz tests/unit/test_orientation \
	tests/unit/test_packet tests/unit/test_partial tests/unit/test_pnm \
	tests/unit/test_random tests/unit/test_reshape tests/unit/test_resize \
	tests/unit/test_save tests/unit/test_scratch tests/unit/test_segment tests/unit/test_size \
	tests/unit/test_slice tests/unit/test_stats tests/unit/test_storage \
	tests/unit/test_sum tests/unit/test_tar tests/unit/test_tar_damaged \
	tests/unit/test_uoctti \
	tests/unit/test_view
if WITH_HDF5
VALGRIND_TESTS += tests/unit/test_hdf5_filter
endif
if WITH_JPEG
VALGRIND_TESTS += tests/unit/test_jpeg
endif
if WITH_PNG
VALGRIND_TESTS += tests/unit/test_png
endif
if WITH_TIFF
VALGRIND_TESTS += tests/unit/test_tiff
endif
if WITH_WEBP
VALGRIND_TESTS += tests/unit/test_webp
endif
if WITH_JPEG_AND_PNG
VALGRIND_TESTS += tests/unit/test_exif tests/unit/test_image
endif
EXTRA_DIST += tests/valgrind.sh
check-valgrind: all $(VALGRIND_TESTS)
	srcdir=$(srcdir) sh $(srcdir)/tests/valgrind.sh $(VALGRIND_TESTS)

bench: all $(BENCHES)
	@for bench in $(BENCHES); do \
		case $$bench in *_batch|*_journal|*_stack) continue ;; esac; \
		echo "== $$bench"; ./$$bench || exit 1; done
	@echo "== $(BENCH_OF_BATCHES)"; sh $(srcdir)/$(BENCH_OF_BATCHES)
	@echo "== $(BENCH_OF_ROWS)"; /usr/bin/python3 $(srcdir)/$(BENCH_OF_ROWS)
.PHONY: bench check-valgrind coverage

### Documents: what they show is what happens
dist_check_SCRIPTS += tests/docs/examples.sh tests/docs/header_examples.sh \
	tests/docs/man_options.sh tests/docs/man_pages.sh \
	tests/docs/pages.sh tests/docs/parity.sh tests/docs/pkg_config.sh \
	tests/docs/readme_command.sh tests/docs/readme_library.sh
EXTRA_DIST += tests/cli/setup.sh tests/declared.sh tests/docs/installed.sh \
	tests/docs/setup.sh
