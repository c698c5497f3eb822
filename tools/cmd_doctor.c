#include <config.h>

#include "shell/command.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include <foray/config.h>
#include <foray/hog.h>
#include <foray/machine.h>
#include <foray/storage.h>

#include "shell/message.h"
#include "shell/options.h"
#include "shell/values.h"

/* Libraries that this foray was built with. */
static const struct {
    const char *name;
    bool built_in;
} libraries[] = {
#ifdef FORAY_WITH_JPEG
    {"jpeg", true},
#else
    {"jpeg", false},
#endif
#ifdef FORAY_WITH_PNG
    {"png", true},
#else
    {"png", false},
#endif
#ifdef FORAY_WITH_TIFF
    {"tiff", true},
#else
    {"tiff", false},
#endif
#ifdef FORAY_WITH_WEBP
    {"webp", true},
#else
    {"webp", false},
#endif
#ifdef FORAY_WITH_HDF5
    {"hdf5", true},
#else
    {"hdf5", false},
#endif
#ifdef FORAY_WITH_OPENBLAS
    {"openblas", true},
#else
    {"openblas", false},
#endif
#ifdef FORAY_WITH_HWLOC
    {"hwloc", true},
#else
    {"hwloc", false},
#endif
#ifdef FORAY_WITH_LIBDW
    {"libdw", true},
#else
    {"libdw", false},
#endif
};

enum { N_LIBRARIES = sizeof libraries / sizeof *libraries };

enum { MAX_RUNTIMES = 16 };

/* Everything there is to tell, gathered before it is printed. */
struct machine {
    struct utsname kernel;
    struct foray_cpus cpus;
    struct foray_folder folder;
    struct foray_error folder_error;
    int has_folder;
    struct foray_config config;
    struct foray_error config_error;
    int n_jobs; /* negative: no pool would open */
    struct foray_runtime runtimes[MAX_RUNTIMES];
    size_t n_runtimes;
    struct statvfs shm; /* f_blocks 0: there is no /dev/shm */
    struct rlimit files, processes, space;
};

struct doctor_command {
    bool json;
};

static const struct option_spec doctor_options[] = {
    {"json", 0, NULL, value_flag, offsetof(struct doctor_command, json),
     "one JSON object"},
    {0}};

static void examine(struct machine *m)
{
    uname(&m->kernel);
    foray_cpus(&m->cpus);
    m->has_folder = !foray_folder_choose(&m->folder, NULL, 0, &m->folder_error);
    m->n_jobs = foray_config_get(&m->config, &m->config_error);
    if (!m->n_jobs)
        m->n_jobs = foray_effective_n_jobs(0);
    m->n_runtimes = foray_runtimes(m->runtimes, MAX_RUNTIMES);
    if (m->n_runtimes > MAX_RUNTIMES)
        m->n_runtimes = MAX_RUNTIMES;
    getrlimit(RLIMIT_NOFILE, &m->files);
    getrlimit(RLIMIT_NPROC, &m->processes);
    getrlimit(RLIMIT_AS, &m->space);
    if (statvfs("/dev/shm", &m->shm))
        m->shm.f_blocks = 0;
}

static uint64_t shm_bytes(const struct machine *m)
{
    return (uint64_t)m->shm.f_blocks * m->shm.f_frsize;
}

static uint64_t shm_free(const struct machine *m)
{
    return (uint64_t)m->shm.f_bavail * m->shm.f_frsize;
}

static void print_limit(const char *label, rlim_t limit)
{
    if (limit == RLIM_INFINITY)
        printf("%s unlimited\n", label);
    else
        printf("%s %llu\n", label, (unsigned long long)limit);
}

static void print_text(const struct machine *m)
{
    char bytes[MESSAGE_BYTES_SIZE];

    printf("foray      %s, HOG kernel %s\n", PACKAGE_VERSION,
           foray_hog_kernel());
    for (int k = 0; k < N_LIBRARIES; k++)
        printf("%s%s %s", k ? ", " : "built with ", libraries[k].name,
               libraries[k].built_in ? "yes" : "no");
    putchar('\n');
    printf("system     %s %s %s\n", m->kernel.sysname, m->kernel.release,
           m->kernel.machine);
    printf("CPUs       %d usable, limited by %s; %d physical cores\n",
           m->cpus.count, foray_cpu_limit_name(m->cpus.limit),
           m->cpus.physical);
    for (int i = 0; i < FORAY_CPU_LIMITS; i++)
        if (m->cpus.by_limit[i])
            printf("           %d by %s\n", m->cpus.by_limit[i],
                   foray_cpu_limit_name((enum foray_cpu_limit)i));
    if (m->shm.f_blocks)
        printf("/dev/shm   %s, ", message_bytes(bytes, shm_bytes(m)));
    else
        printf("/dev/shm   missing\n");
    if (m->shm.f_blocks)
        printf("%s free\n", message_bytes(bytes, shm_free(m)));
    if (m->has_folder)
        printf("arrays     in %s%s, %s free\n", m->folder.path,
               m->folder.shared_memory ? " (shared memory)" : " (files)",
               message_bytes(bytes, m->folder.free_bytes));
    else
        printf("arrays     nowhere: %s\n", m->folder_error.msg);
    if (m->n_jobs > 0)
        printf("pools      backend %s, jobs %d\n", m->config.backend,
               m->n_jobs);
    else
        printf("pools      none: %s\n", m->config_error.msg);
    print_limit("limits     open files", m->files.rlim_cur);
    print_limit("           processes", m->processes.rlim_cur);
    print_limit("           address space", m->space.rlim_cur);
    printf("runtimes   %s\n", m->n_runtimes ? "" : "none in this process");
    for (size_t i = 0; i < m->n_runtimes; i++)
        printf("           %s, %d threads: %s\n", m->runtimes[i].name,
               m->runtimes[i].max_threads, m->runtimes[i].path);
    printf("           capped to max(%d / jobs, 1) threads in a worker\n",
           m->cpus.count);
}

static void json_limit(const char *name, rlim_t limit)
{
    if (limit == RLIM_INFINITY)
        printf("\"%s\": null", name);
    else
        printf("\"%s\": %llu", name, (unsigned long long)limit);
}

static void json_machine(const struct machine *m)
{
    printf("\"system\": {\"name\": \"%s\", \"release\": \"%s\", \"machine\": "
           "\"%s\"}, \"cpus\": {\"count\": %d, \"physical\": %d, \"limit\": "
           "\"%s\", \"by_limit\": {",
           m->kernel.sysname, m->kernel.release, m->kernel.machine,
           m->cpus.count, m->cpus.physical,
           foray_cpu_limit_name(m->cpus.limit));
    for (int i = 0, n = 0; i < FORAY_CPU_LIMITS; i++)
        if (m->cpus.by_limit[i])
            printf("%s\"%s\": %d", n++ ? ", " : "",
                   foray_cpu_limit_name((enum foray_cpu_limit)i),
                   m->cpus.by_limit[i]);
    fputs("}}, \"temp_folder\": ", stdout);
    if (m->has_folder) {
        fputs("{\"path\": ", stdout);
        message_json(stdout, m->folder.path);
        printf(", \"free\": %zu, \"shared_memory\": %s}", m->folder.free_bytes,
               m->folder.shared_memory ? "true" : "false");
    } else {
        fputs("null", stdout);
    }
    if (m->n_jobs > 0)
        printf(", \"pools\": {\"backend\": \"%s\", \"jobs\": %d}",
               m->config.backend, m->n_jobs);
    else
        fputs(", \"pools\": null", stdout);
}

static void print_json(const struct machine *m)
{
    printf("{\"version\": \"%s\", \"hog_kernel\": \"%s\", \"built_with\": {",
           PACKAGE_VERSION, foray_hog_kernel());
    for (int k = 0; k < N_LIBRARIES; k++)
        printf("%s\"%s\": %s", k ? ", " : "", libraries[k].name,
               libraries[k].built_in ? "true" : "false");
    fputs("}, ", stdout);
    json_machine(m);
    printf(", \"shm\": {\"bytes\": %llu, \"free\": %llu}, \"limits\": {",
           (unsigned long long)(m->shm.f_blocks ? shm_bytes(m) : 0),
           (unsigned long long)(m->shm.f_blocks ? shm_free(m) : 0));
    json_limit("open_files", m->files.rlim_cur);
    fputs(", ", stdout);
    json_limit("processes", m->processes.rlim_cur);
    fputs(", ", stdout);
    json_limit("address_space", m->space.rlim_cur);
    fputs("}, \"runtimes\": [", stdout);
    for (size_t i = 0; i < m->n_runtimes; i++) {
        printf("%s{\"name\": \"%s\", \"threads\": %d, \"path\": ",
               i ? ", " : "", m->runtimes[i].name, m->runtimes[i].max_threads);
        message_json(stdout, m->runtimes[i].path);
        putchar('}');
    }
    fputs("]}\n", stdout);
}

int cmd_doctor(const struct command *command, int argc, char **argv)
{
    struct doctor_command c = {0};
    const struct option_table table = {"Options", doctor_options, &c};
    int first = options_parse(command, &table, 1, argc, argv);
    struct machine machine = {0};

    if (first < 0)
        return first == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    if (first < argc)
        return options_wrong("%s: doctor takes no arguments", argv[first]);
    examine(&machine);
    if (c.json)
        print_json(&machine);
    else
        print_text(&machine);
    return STATUS_DONE;
}
