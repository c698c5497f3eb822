### Campaigns against the promises of docs/reliability.md (make check-faults);
### make check-faults FAULTS=--quick is the form of continuous integration
FAULT_CAMPAIGNS =
if HAVE_CMOCKA
check_LTLIBRARIES += libforay-faults.la
libforay_faults_la_SOURCES = tests/faults/campaign.c tests/faults/campaign.h
FAULT_LDADD = libforay-faults.la libforay-tests.la libforay-core.la \
	$(CMOCKA_LIBS)
endif
EXTRA_PROGRAMS += $(FAULT_CAMPAIGNS)
CLEANFILES += $(FAULT_CAMPAIGNS)
EXTRA_DIST += tests/faults/faults.sh
FAULTS =
check-faults: all $(FAULT_CAMPAIGNS)
	sh $(srcdir)/tests/faults/faults.sh $(FAULTS) $(FAULT_CAMPAIGNS)
.PHONY: check-faults
