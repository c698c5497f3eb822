### Unit tests: one program a noun, tests/unit/test_NOUN.c (make check)
UNIT_TESTS = \
	tests/unit/test_cgroup \
	tests/unit/test_claims \
	tests/unit/test_cpus \
	tests/unit/test_crash \
	tests/unit/test_for \
	tests/unit/test_hygiene \
	tests/unit/test_kills \
	tests/unit/test_map \
	tests/unit/test_orphans \
	tests/unit/test_pool \
	tests/unit/test_size

if HAVE_CMOCKA
check_LTLIBRARIES += libforay-tests.la
libforay_tests_la_SOURCES = tests/helpers.c tests/helpers.h \
	tests/captured.c tests/captured.h
libforay_tests_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
AM_CPPFLAGS += -I$(top_srcdir)/tests
LDADD = libforay-tests.la libforay-image-core.la libforay-core.la $(CMOCKA_LIBS)

### Models and rules
dist_check_SCRIPTS = tests/model/claims.sh
EXTRA_DIST += tests/model/claims.pml
EXTRA_DIST += data/machine/capture.sh \
	data/machine/above.txt data/machine/damaged.txt \
	data/machine/docker-v1.txt data/machine/docker-v2.txt \
	data/machine/hybrid.txt data/machine/hybrid-cores.txt \
	data/machine/none.txt data/machine/outside.txt \
	data/machine/slurm.txt data/machine/smt.txt \
	data/machine/v1.txt data/machine/v2.txt data/machine/v2-max.txt
TESTS += $(dist_check_SCRIPTS)
