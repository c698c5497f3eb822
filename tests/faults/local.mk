### Campaigns against the promises of docs/reliability.md (make check-faults);
### make check-faults FAULTS=--quick is the form of continuous integration
FAULT_CAMPAIGNS =
if HAVE_CMOCKA
check_LTLIBRARIES += libforay-faults.la
libforay_faults_la_SOURCES = tests/faults/campaign.c tests/faults/campaign.h \
	tests/faults/control_group.c tests/faults/control_group.h \
	tests/faults/deeds.c tests/faults/deeds.h \
	tests/faults/hardship.c tests/faults/hardship.h \
	tests/faults/jobs.c tests/faults/jobs.h \
	tests/faults/killer.c tests/faults/killer.h \
	tests/faults/namespace.c tests/faults/namespace.h \
	tests/faults/own_shm.c tests/faults/own_shm.h \
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
tests_faults_orphans_LDADD = $(FAULT_LDADD)
tests_faults_pressure_LDADD = $(JOBS_LDADD)
FAULT_CAMPAIGNS += tests/faults/refusals
tests_faults_refusals_LDADD = $(JOBS_LDADD)
FAULT_CAMPAIGNS += tests/faults/chaos
tests_faults_chaos_SOURCES = tests/faults/chaos.c tests/faults/chaos.h \
	tests/faults/chaos_files.c
tests_faults_chaos_LDADD = $(FAULT_LDADD)
endif
EXTRA_PROGRAMS += $(FAULT_CAMPAIGNS)
CLEANFILES += $(FAULT_CAMPAIGNS)
EXTRA_DIST += tests/faults/faults.sh
FAULTS =
check-faults: all $(FAULT_CAMPAIGNS)
	sh $(srcdir)/tests/faults/faults.sh $(FAULTS) $(FAULT_CAMPAIGNS)
.PHONY: check-faults
