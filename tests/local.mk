### Unit tests: one program a noun, tests/unit/test_NOUN.c (make check)
UNIT_TESTS = \
	tests/unit/test_claims \
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
libforay_tests_la_SOURCES = tests/helpers.c tests/helpers.h
libforay_tests_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
AM_CPPFLAGS += -I$(top_srcdir)/tests
LDADD = libforay-tests.la libforay-image-core.la libforay-core.la $(CMOCKA_LIBS)
EXTRA_DIST += tests/model/claims.pml
