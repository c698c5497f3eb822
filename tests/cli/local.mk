### Tests of the command: shell scripts over the built foray
CLI_TESTS = \
	tests/cli/account.sh \
	tests/cli/browser.sh \
	tests/cli/ends.sh \
	tests/cli/errors.sh \
	tests/cli/eval.sh \
	tests/cli/failures.sh \
	tests/cli/full_disk.sh \
	tests/cli/hdf5.sh \
	tests/cli/inputs.sh \
	tests/cli/many.sh \
	tests/cli/map.sh \
	tests/cli/permissions.sh \
	tests/cli/provenance.sh \
	tests/cli/ragged.sh \
	tests/cli/resize.sh \
	tests/cli/resize_resume.sh \
	tests/cli/resume.sh \
	tests/cli/retries.sh \
	tests/cli/same_bytes.sh \
	tests/cli/shell.sh \
	tests/cli/stack.sh \
	tests/cli/status.sh \
	tests/cli/stop.sh \
	tests/cli/tar.sh \
	tests/cli/tools.sh \
	tests/cli/truncated.sh \
	tests/cli/update.sh \
	tests/cli/usage.sh \
	tests/cli/worker_death.sh
# What is loaded before the command: not with sanitizers.
if INJECTION
check_LTLIBRARIES += tests/cli/strike.la
tests_cli_strike_la_SOURCES = tests/cli/strike.c
tests_cli_strike_la_CFLAGS = $(AM_CFLAGS) -fno-builtin
tests_cli_strike_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version \
	-rpath /nowhere
endif
UNIT_TESTS += tests/unit/test_hog_batch
# Parts of the command, without it.
UNIT_TESTS += tests/unit/test_account
tests_unit_test_account_SOURCES = tests/unit/test_account.c \
	tools/data/beside.c tools/data/beside.h \
	tools/data/companion.c tools/data/companion.h tools/images/account.h \
	tools/images/chosen.c tools/images/chosen.h tools/images/index.h \
	tools/images/index_name.c tools/images/provenance.c \
	tools/images/provenance.h tools/report/axis.c tools/report/axis.h \
	tools/report/histograms.c tools/report/html.c tools/report/html.h \
	tools/report/images.c tools/report/page.c tools/report/page.h \
	tools/report/picture_task.c tools/report/picture_task.h \
	tools/report/pictures.c tools/report/pictures.h tools/report/style.h \
	tools/report/throughput.c \
	tools/report/timeline.c tools/report/trace.c tools/report/trace.h \
	tools/shell/deaths.c tools/shell/deaths.h tools/shell/digits.h tools/shell/message.c \
	tools/shell/message.h tools/shell/printable.c tools/shell/printable.h \
	tools/shell/stop.c tools/shell/stop.h
tests_unit_test_account_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools
CLI_CONFORMANCE = \
	tests/conformance/cli_convert.py \
	tests/conformance/cli_hog.py \
	tests/conformance/cli_linalg.py \
	tests/conformance/cli_parts.py \
	tests/conformance/cli_ragged.py \
	tests/conformance/cli_stats.py \
	tests/conformance/cli_update.py \
	tests/conformance/cli_update_hdf5.py \
	tests/conformance/print_python.py \
	tests/conformance/tar.py
TESTS += $(CLI_TESTS) $(CLI_CONFORMANCE)
EXTRA_DIST += $(CLI_TESTS) $(CLI_CONFORMANCE) tests/cli/setup.sh \
	tests/conformance/update_images.py
