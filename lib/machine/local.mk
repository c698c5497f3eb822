MACHINE_FILES = lib/machine/runtimes.h
