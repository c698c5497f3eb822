/* The commands of foray, and how they end. */
#ifndef FORAY_TOOLS_SHELL_COMMAND_H
#define FORAY_TOOLS_SHELL_COMMAND_H

/* Exit statuses. 129, 130 and 143 (128 + signal) stand for SIGHUP, SIGINT and
 * SIGTERM. */
enum {
    STATUS_DONE = 0,
    STATUS_FAILED = 1, /* no output made */
    STATUS_USAGE = 2,
    STATUS_SKIPPED = 3 /* output complete, but items were skipped */
};

struct command {
    const char *name;
    int (*run)(const struct command *command, int argc, char **argv);
    const char *summary;     /* one line of `foray --help` */
    const char *usage;       /* what follows "foray " */
    const char *description; /* the rest of `foray NAME --help` */
};

/* All of them; the table ends with a NULL name. */
extern const struct command commands[];

/* NULL: there is none of this name. */
const struct command *command_find(const char *name);

int cmd_hog(const struct command *command, int argc, char **argv);
int cmd_resize(const struct command *command, int argc, char **argv);
int cmd_eval(const struct command *command, int argc, char **argv);
int cmd_map(const struct command *command, int argc, char **argv);
int cmd_info(const struct command *command, int argc, char **argv);
int cmd_convert(const struct command *command, int argc, char **argv);
int cmd_matmul(const struct command *command, int argc, char **argv);
int cmd_gram(const struct command *command, int argc, char **argv);
int cmd_knn(const struct command *command, int argc, char **argv);
int cmd_stats(const struct command *command, int argc, char **argv);
int cmd_doctor(const struct command *command, int argc, char **argv);
int cmd_status(const struct command *command, int argc, char **argv);
int cmd_clean(const struct command *command, int argc, char **argv);
int cmd_completion(const struct command *command, int argc, char **argv);

#endif
