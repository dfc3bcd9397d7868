/* `impasse lab`: finds the subcommand and turns errors into a message and an exit code. */

#include "lab.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct command {
	const char *name;
	const char *usage;
	const char *what;
	struct imp_error *(*run)(int argc, char **argv, int *exit_code);
} commands[] = {
	{ "up", "[--memory MiB] [--c DIR] [--accel kvm|tcg|kvm,tcg] [--cpus N] [--seed S] [--special-pool] [--json]", "start the lab", imp_lab_up },
	{ "status", "[--json]", "what the lab is doing", imp_lab_status },
	{ "log", "[-f]", "the kernel's console", imp_lab_log },
	{ "threads", "[SERVICE] [--json]", "the kernel's threads, or one driver's", imp_lab_threads },
	{ "wait", "SERVICE [--timeout SECONDS] [--json]", "wait until all threads of a driver are blocked", imp_lab_wait },
	{ "imports", "DRIVER.sys", "what the lab lacks of what a driver imports; exit code 2: something", imp_lab_imports },
	{ "down", "", "end the lab", imp_lab_down },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_usage(FILE *out)
{
	fputs("usage:\n", out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  impasse lab %s %s\n      %s\n", commands[i].name, commands[i].usage, commands[i].what);
}

struct imp_error *imp_lab_bad_option(char **argv)
{
	return imp_error_new(IMP_ERROR_USAGE, "%s: no such option, or its value is missing; `impasse lab --help` lists them",
			     argv[optind > 1 ? optind - 1 : 1]);
}

struct imp_error *imp_lab_print_json(json_t *value)
{
	int failed = !value || json_dumpf(value, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF;

	json_decref(value);
	return failed ? imp_error_new(IMP_ERROR_IO, "cannot write the result as JSON") : NULL;
}

int imp_lab_main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct command *command = NULL;
	struct imp_error *err;
	int exit_code = 0;

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
		print_usage(stdout);
		return 0;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(name, commands[i].name) == 0)
			command = &commands[i];
	}
	if (!command) {
		if (*name)
			fprintf(stderr, "impasse lab: no such command: %s\n", name);
		print_usage(stderr);
		return 1;
	}
	if (argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)) {
		printf("usage: impasse lab %s %s\n%s\n", command->name, command->usage, command->what);
		return 0;
	}
	opterr = 0;
	err = command->run(argc - 1, argv + 1, &exit_code);
	fflush(stdout);
	if (!err)
		return exit_code;
	fprintf(stderr, "impasse lab %s: %s\n", command->name, imp_error_message(err));
	exit_code = imp_error_code(err) == IMP_ERROR_INTERRUPTED ? 130 : 1;
	imp_error_free(err);
	return exit_code;
}
