/* The lab's subcommands alone, for tests of the host side. */

#include <stdio.h>
#include <string.h>

#include "host/lab.h"

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = { { "lab", imp_lab_main }, { "sc", imp_sc_main }, { "dump", imp_dump_main } };

	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "usage: lab_program lab|sc|dump ...\n");
	return 1;
}
