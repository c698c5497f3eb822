MACHINE_FILES = \
	lib/machine/cap.c lib/machine/cap.h \
	lib/machine/cpus.c lib/machine/cpus.h \
	lib/machine/environ.c \
	lib/machine/n_jobs.c \
	lib/machine/quota.c \
	lib/machine/runtimes.c lib/machine/runtimes.h \
	lib/machine/topology.c
if WITH_HWLOC
MACHINE_FILES += lib/machine/topology_hwloc.c
endif
