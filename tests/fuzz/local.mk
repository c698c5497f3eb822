### Fuzz targets: each corpus is replayed by make check. libFuzzer's programs
### are built by ./configure --enable-fuzzing CC=clang, and run by
### make fuzz-campaign (FUZZ_SHARE=0.01: a hundredth of it).
FUZZ_TARGETS = npy npz joblib descriptor csv index journal options settings eval \
	image tar
if WITH_HDF5
FUZZ_TARGETS += hdf5
endif
FUZZ_SHARE = 1
TESTS += tests/fuzz/npy.sh tests/fuzz/npz.sh tests/fuzz/joblib.sh \
	tests/fuzz/hdf5.sh tests/fuzz/image.sh tests/fuzz/descriptor.sh \
	tests/fuzz/csv.sh tests/fuzz/index.sh tests/fuzz/journal.sh \
	tests/fuzz/options.sh tests/fuzz/settings.sh tests/fuzz/eval.sh \
	tests/fuzz/tar.sh
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/make_corpus.py \
	tests/fuzz/make_text_corpus.py tests/fuzz/make_eval_corpus.py \
	tests/fuzz/make_image_corpus.py \
	tests/fuzz/make_tar_corpus.py tests/fuzz/campaign.sh \
	tests/fuzz/npy.sh tests/fuzz/npz.sh tests/fuzz/joblib.sh \
	tests/fuzz/hdf5.sh tests/fuzz/image.sh tests/fuzz/descriptor.sh \
	tests/fuzz/csv.sh tests/fuzz/index.sh tests/fuzz/journal.sh \
	tests/fuzz/options.sh tests/fuzz/settings.sh tests/fuzz/eval.sh \
	tests/fuzz/tar.sh

FUZZ_FILES = tests/fuzz/files.c tests/fuzz/files.h
FUZZ_TOOLS_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools
FUZZ_WORDS = tools/shell/message.c tools/shell/message.h \
	tools/shell/printable.c tools/shell/printable.h
FUZZ_CSV = tests/fuzz/fuzz_csv.c tools/convert/csv.c tools/convert/csv.h \
	$(FUZZ_WORDS)
FUZZ_INDEX = tests/fuzz/fuzz_index.c tools/images/index_in.c tools/images/index_in.h \
	tools/shell/json_text.c tools/shell/json_text.h $(FUZZ_WORDS)
FUZZ_OPTIONS = tests/fuzz/fuzz_options.c tests/fuzz/text.h tools/kernels/map_output.c tools/kernels/map_run.h \
	$(FUZZ_WORDS) tools/shell/options.c tools/shell/options.h \
	tools/data/slices.c tools/data/slices.h tools/shell/suggest.c tools/shell/suggest.h \
	tools/shell/values.c tools/shell/values.h

check_PROGRAMS += tests/fuzz/replay_npy tests/fuzz/replay_npz \
	tests/fuzz/replay_joblib tests/fuzz/replay_image \
	tests/fuzz/replay_descriptor tests/fuzz/replay_csv \
	tests/fuzz/replay_journal tests/fuzz/replay_options \
	tests/fuzz/replay_settings tests/fuzz/replay_eval \
	tests/fuzz/replay_tar tests/fuzz/replay_index
tests_fuzz_replay_npy_SOURCES = tests/fuzz/fuzz_npy.c tests/fuzz/standalone.c
tests_fuzz_replay_npy_LDADD = libforay-core.la
tests_fuzz_replay_npz_SOURCES = tests/fuzz/fuzz_npz.c $(FUZZ_FILES) \
	tests/fuzz/standalone.c
tests_fuzz_replay_npz_LDADD = libforay-core.la
tests_fuzz_replay_joblib_SOURCES = tests/fuzz/fuzz_joblib.c $(FUZZ_FILES) \
	tests/fuzz/standalone.c
tests_fuzz_replay_joblib_LDADD = libforay-core.la
tests_fuzz_replay_image_SOURCES = tests/fuzz/fuzz_image.c \
	tests/fuzz/standalone.c
tests_fuzz_replay_image_LDADD = libforay-image-core.la libforay-core.la
tests_fuzz_replay_descriptor_SOURCES = tests/fuzz/fuzz_descriptor.c \
	tests/fuzz/standalone.c
tests_fuzz_replay_descriptor_LDADD = libforay-core.la
tests_fuzz_replay_csv_SOURCES = $(FUZZ_CSV) tests/fuzz/standalone.c
tests_fuzz_replay_csv_CPPFLAGS = $(FUZZ_TOOLS_CPPFLAGS)
tests_fuzz_replay_csv_LDADD = libforay-core.la
tests_fuzz_replay_index_SOURCES = $(FUZZ_INDEX) tests/fuzz/standalone.c
tests_fuzz_replay_index_CPPFLAGS = $(FUZZ_TOOLS_CPPFLAGS)
tests_fuzz_replay_index_LDADD = libforay-image-core.la libforay-core.la
tests_fuzz_replay_journal_SOURCES = tests/fuzz/fuzz_journal.c \
	tests/fuzz/standalone.c
tests_fuzz_replay_journal_LDADD = libforay-core.la
tests_fuzz_replay_options_SOURCES = $(FUZZ_OPTIONS) tests/fuzz/standalone.c
tests_fuzz_replay_options_CPPFLAGS = $(FUZZ_TOOLS_CPPFLAGS)
tests_fuzz_replay_options_LDADD = libforay-image-core.la libforay-core.la
tests_fuzz_replay_settings_SOURCES = tests/fuzz/fuzz_settings.c \
	tests/fuzz/text.h tests/fuzz/standalone.c
tests_fuzz_replay_settings_LDADD = libforay-core.la
tests_fuzz_replay_eval_SOURCES = tests/fuzz/fuzz_eval.c tests/fuzz/standalone.c
tests_fuzz_replay_eval_LDADD = libforay-core.la
tests_fuzz_replay_tar_SOURCES = tests/fuzz/fuzz_tar.c tests/fuzz/standalone.c
tests_fuzz_replay_tar_LDADD = libforay-image-core.la libforay-core.la
if WITH_HDF5
check_PROGRAMS += tests/fuzz/replay_hdf5
tests_fuzz_replay_hdf5_SOURCES = tests/fuzz/fuzz_hdf5.c \
	tests/fuzz/standalone.c
tests_fuzz_replay_hdf5_LDADD = libforay-hdf5-core.la libforay-core.la
endif

FUZZERS =
if FUZZING
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZERS += tests/fuzz/fuzz_npy tests/fuzz/fuzz_npz tests/fuzz/fuzz_joblib \
	tests/fuzz/fuzz_image tests/fuzz/fuzz_descriptor tests/fuzz/fuzz_csv \
	tests/fuzz/fuzz_journal tests/fuzz/fuzz_options \
	tests/fuzz/fuzz_settings tests/fuzz/fuzz_eval tests/fuzz/fuzz_tar \
	tests/fuzz/fuzz_index
tests_fuzz_fuzz_npy_LDADD = libforay-core.la
tests_fuzz_fuzz_npy_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_npz_SOURCES = tests/fuzz/fuzz_npz.c $(FUZZ_FILES)
tests_fuzz_fuzz_npz_LDADD = libforay-core.la
tests_fuzz_fuzz_npz_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_joblib_SOURCES = tests/fuzz/fuzz_joblib.c $(FUZZ_FILES)
tests_fuzz_fuzz_joblib_LDADD = libforay-core.la
tests_fuzz_fuzz_joblib_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_image_LDADD = libforay-image-core.la libforay-core.la
tests_fuzz_fuzz_image_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_descriptor_LDADD = libforay-core.la
tests_fuzz_fuzz_descriptor_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_csv_SOURCES = $(FUZZ_CSV)
tests_fuzz_fuzz_csv_CPPFLAGS = $(FUZZ_TOOLS_CPPFLAGS)
tests_fuzz_fuzz_csv_LDADD = libforay-core.la
tests_fuzz_fuzz_csv_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_index_SOURCES = $(FUZZ_INDEX)
tests_fuzz_fuzz_index_CPPFLAGS = $(FUZZ_TOOLS_CPPFLAGS)
tests_fuzz_fuzz_index_LDADD = libforay-image-core.la libforay-core.la
tests_fuzz_fuzz_index_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_journal_LDADD = libforay-core.la
tests_fuzz_fuzz_journal_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_options_SOURCES = $(FUZZ_OPTIONS)
tests_fuzz_fuzz_options_CPPFLAGS = $(FUZZ_TOOLS_CPPFLAGS)
tests_fuzz_fuzz_options_LDADD = libforay-image-core.la libforay-core.la
tests_fuzz_fuzz_options_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_settings_LDADD = libforay-core.la
tests_fuzz_fuzz_settings_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_eval_LDADD = libforay-core.la
tests_fuzz_fuzz_eval_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_tar_LDADD = libforay-image-core.la libforay-core.la
tests_fuzz_fuzz_tar_LDFLAGS = $(FUZZ_LINK)
if WITH_HDF5
FUZZERS += tests/fuzz/fuzz_hdf5
tests_fuzz_fuzz_hdf5_LDADD = libforay-hdf5-core.la libforay-core.la
tests_fuzz_fuzz_hdf5_LDFLAGS = $(FUZZ_LINK)
endif
endif
noinst_PROGRAMS += $(FUZZERS)
fuzz-campaign: $(FUZZERS)
	FUZZ_SHARE=$(FUZZ_SHARE) srcdir=$(srcdir) \
	    sh $(srcdir)/tests/fuzz/campaign.sh $(FUZZ_TARGETS)
.PHONY: fuzz-campaign
