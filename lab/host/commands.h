/* The subcommands of `impasse lab`, one file each, and what they share.
 */
#ifndef IMP_HOST_COMMANDS_H
#define IMP_HOST_COMMANDS_H

#include "control.h"
#include "qmp.h"
#include "state.h"

/* Each takes its own argument vector (argv[0] its name) and prints its result on standard output. An error is a sentence that the
 * caller prints, with exit code 1; otherwise `exit_code`, 0 unless the command sets it, is the program's.
 */
struct imp_error *imp_lab_up(int argc, char **argv, int *exit_code);
struct imp_error *imp_lab_down(int argc, char **argv, int *exit_code);
struct imp_error *imp_lab_status(int argc, char **argv, int *exit_code);
struct imp_error *imp_lab_log(int argc, char **argv, int *exit_code);
struct imp_error *imp_lab_threads(int argc, char **argv, int *exit_code);
struct imp_error *imp_lab_imports(int argc, char **argv, int *exit_code);
struct imp_error *imp_lab_wait(int argc, char **argv, int *exit_code);

/* What getopt_long has just refused, as an error; opterr is 0 in these programs. */
struct imp_error *imp_lab_bad_option(char **argv);

/* Prints `value` (taken over) as indented JSON and a line end on standard output. */
struct imp_error *imp_lab_print_json(json_t *value);

/* Prints the state of a lab as `lab status --json` does. */
struct imp_error *imp_lab_status_json(const struct imp_lab *lab);

/* Opens a monitor of the machine, for one command at a time: the one for dumps, or the one for everything else. The caller closes both
 * also after an error.
 */
struct imp_error *imp_lab_open_qmp(const struct imp_lab *lab, bool for_dump, const struct imp_wait *wait, int *lock, struct imp_qmp *qmp);

/* One request to the kernel (imp_control_ask) within `ms` milliseconds. A bugcheck or the end of the machine meanwhile ends it at
 * once. When the kernel does not answer, the error says what the machine is doing.
 */
struct imp_error *imp_lab_ask(const struct imp_lab *lab, int64_t ms, const char *verb, const struct imp_control_pair *pairs, size_t count,
			      struct imp_control_reply *reply);

#endif
