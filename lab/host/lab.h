/* The lab's subcommands as the `impasse` program calls them. Everything else in this folder is private to it.
 */
#ifndef IMP_HOST_LAB_H
#define IMP_HOST_LAB_H

/* Each takes its own argument vector, argv[0] being the subcommand's name, prints what a person or a script asked for on standard
 * output and what went wrong on standard error, and returns the program's exit code: 0 done, 1 error; `lab wait` also 3, time-out.
 */
int imp_lab_main(int argc, char **argv);
int imp_sc_main(int argc, char **argv);
int imp_dump_main(int argc, char **argv);

#endif
