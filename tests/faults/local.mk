### Campaigns against the promises of docs/reliability.md (make check-faults);
### make check-faults FAULTS=--quick is the form of continuous integration
FAULT_CAMPAIGNS =
if HAVE_CMOCKA
# What stands between the library and the C library is loaded before both: not
# with sanitizers, nor where the library is in the program.
if INJECTION
FAULT_CAMPAIGNS += tests/faults/injections tests/faults/cuts
EXTRA_LTLIBRARIES = tests/faults/injector.la
FAULT_MODULES = tests/faults/injector.la
INJECTOR = tests/faults/injector.c tests/faults/injector.h \
	tests/faults/injector_calls.c tests/faults/injector_strike.h
tests_faults_injector_la_SOURCES = $(INJECTOR)
tests_faults_injector_la_CFLAGS = $(AM_CFLAGS) -fno-builtin
tests_faults_injector_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version \
	-rpath /nowhere
SCENARIOS = tests/faults/scenario.c tests/faults/scenario.h \
	tests/faults/scenario_files.c tests/faults/scenario_hdf5.c \
	tests/faults/scenario_images.c tests/faults/scenario_output.c tests/faults/scenario_pools.c
INJECTIONS = tests/faults/injection.c tests/faults/injection.h \
	tests/faults/injector.h $(SCENARIOS)
SCENARIO_LDADD = libforay-faults.la libforay-tests.la libforay-hdf5.la \
	libforay-image.la libforay.la libforay-base.la $(CMOCKA_LIBS)
tests_faults_injections_SOURCES = tests/faults/injections.c $(INJECTIONS)
tests_faults_injections_LDADD = $(SCENARIO_LDADD)
tests_faults_cuts_SOURCES = tests/faults/cuts.c $(INJECTIONS)
tests_faults_cuts_LDADD = $(SCENARIO_LDADD)
endif
check_LTLIBRARIES += libforay-faults.la
libforay_faults_la_SOURCES = tests/faults/campaign.c tests/faults/campaign.h \
	tests/faults/control_group.c tests/faults/control_group.h \
	tests/faults/deeds.c tests/faults/deeds.h \
	tests/faults/hardship.c tests/faults/hardship.h \
	tests/faults/jobs.c tests/faults/jobs.h \
	tests/faults/killer.c tests/faults/killer.h \
	tests/faults/namespace.c tests/faults/namespace.h \
	tests/faults/trial.c tests/faults/trial.h \
	tests/faults/trial_arrays.c tests/faults/verdict.c
FAULT_LDADD = libforay-faults.la libforay-tests.la libforay-core.la \
	$(CMOCKA_LIBS)
# Jobs use every library.
JOBS_LDADD = libforay-faults.la libforay-tests.la libforay-image-core.la
if WITH_HDF5
JOBS_LDADD += libforay-hdf5-core.la
endif
JOBS_LDADD += libforay-core.la $(CMOCKA_LIBS)
FAULT_CAMPAIGNS += tests/faults/kills tests/faults/orphans \
	tests/faults/pressure
tests_faults_kills_LDADD = $(FAULT_LDADD)
tests_faults_orphans_SOURCES = tests/faults/orphans.c \
	tests/faults/orphan_lives.c tests/faults/orphan_lives.h
tests_faults_orphans_LDADD = $(FAULT_LDADD)
tests_faults_pressure_LDADD = $(JOBS_LDADD)
FAULT_CAMPAIGNS += tests/faults/refusals
tests_faults_refusals_LDADD = $(JOBS_LDADD)
FAULT_CAMPAIGNS += tests/faults/chaos
tests_faults_chaos_SOURCES = tests/faults/chaos.c tests/faults/chaos.h \
	tests/faults/chaos_files.c
tests_faults_chaos_LDADD = $(FAULT_LDADD)
FAULT_CAMPAIGNS += tests/faults/shrink
tests_faults_shrink_LDADD = $(JOBS_LDADD)
FAULT_CAMPAIGNS += tests/faults/strangers
tests_faults_strangers_SOURCES = tests/faults/strangers.c \
	tests/faults/strangers.h tests/faults/strangers_modules.c \
	tests/faults/strangers_plants.c tests/faults/strangers_sessions.c \
	tests/faults/strangers_variables.c
tests_faults_strangers_LDADD = $(JOBS_LDADD)
endif
EXTRA_PROGRAMS += $(FAULT_CAMPAIGNS)
CLEANFILES += $(FAULT_CAMPAIGNS)
EXTRA_DIST += tests/faults/faults.sh
FAULTS =
check-faults: all $(FAULT_CAMPAIGNS) $(FAULT_MODULES)
	srcdir=$(srcdir) sh $(srcdir)/tests/faults/faults.sh $(FAULTS) $(FAULT_CAMPAIGNS)
.PHONY: check-faults

# Hours of an impatient user, in minutes.
EXTRA_DIST += tests/soak/soak.py
soak: all
	FORAY=$(abs_builddir)/foray /usr/bin/python3 \
		$(srcdir)/tests/soak/soak.py $(SOAK)
.PHONY: soak
