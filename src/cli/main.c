/* impasse: opens a dump at a prompt or runs commands on it; hands `lab`, `sc` and `dump` to the lab's host side, `convert` to its file. */
#include "cli/cli.h"

#ifdef IMPASSE_HAS_LAB
#include "lab.h"
#endif

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static const char *const usage = "usage: impasse FILE [OPTIONS]          open a kernel dump at a prompt\n"
				 "       impasse -z FILE -c \"COMMANDS\"    run commands on it, separated by ';' (q: quit)\n"
#ifdef IMPASSE_HAS_LAB
				 "       impasse lab up|status|log|down   the lab: a small NT kernel in QEMU\n"
				 "       impasse sc create|start|stop|delete|query ...   its drivers\n"
				 "       impasse dump [-o FILE]           a dump of it\n"
#endif
				 "       impasse convert IN OUT --type full|bitmap|kernel|raw|elf   a dump in another format\n"
				 "       impasse help [COMMAND]           the debugger's commands\n"
				 "\n"
				 "  -z FILE        the dump\n"
				 "  -y PATH        where symbols are: folders separated by ';', srv*CACHE*SERVER (else _NT_SYMBOL_PATH)\n"
				 "  -i PATH        where images (.sys, .exe) are; the symbol path is searched too\n"
				 "  -c COMMANDS    run these first\n"
				 "  --json         each command's result as one line of JSON\n"
				 "  --help, --version\n"
				 "\n"
				 "Exit code: 0, or 1 when something failed.\n";

static int show_help(const char *command)
{
	struct imp_session session = { .interrupted = &interrupted };
	struct imp_report *report = imp_report_new();
	const char *rest;
	const struct imp_command *help = imp_command_find(".help", &rest);
	struct imp_error *err;

	if (!command)
		fputs(usage, stdout);
	err = report && help ? help->run(&session, command ? command : "", report) : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory");
	if (!err && !command)
		fputs("\nThe debugger's commands:\n\n", stdout);
	if (report && !err)
		imp_report_text(report, stdout);
	if (err)
		fprintf(stderr, "impasse: %s\n", imp_error_message(err));
	imp_report_free(report);
	if (err) {
		imp_error_free(err);
		return 1;
	}
	return 0;
}

/* Returns -1 when the program should go on, else its exit code. */
static int parse_options(int argc, char **argv, struct imp_options *options)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "z:y:i:c:h", longs, NULL)) != -1) {
		switch (option) {
		case 'z':
			options->dump = optarg;
			break;
		case 'y':
			options->symbol_path = optarg;
			break;
		case 'i':
			options->image_path = optarg;
			break;
		case 'c':
			options->commands = optarg;
			break;
		case 'j':
			options->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			puts("impasse " IMPASSE_VERSION);
			return 0;
		default:
			fputs("impasse --help shows what is possible\n", stderr);
			return 1;
		}
	}
	if (optind < argc && !options->dump)
		options->dump = argv[optind++];
	if (optind < argc) {
		fprintf(stderr, "impasse: '%s' is one argument too many; impasse --help shows what is possible\n", argv[optind]);
		return 1;
	}
	if (!options->dump) {
		fputs("impasse: which dump? impasse FILE opens one; impasse --help shows what else is possible\n", stderr);
		return 1;
	}
	return -1;
}

static void say_opening(const struct imp_kernel *kernel, struct imp_error *no_symbols)
{
	const struct imp_dump_info *info = &kernel->info;

	printf("Loading dump file [%s]\n%s, build %u, %u processor%s, bugcheck %X\n", imp_dump_path(kernel->dump), info->format, info->minor_version,
	       info->processor_count, info->processor_count == 1 ? "" : "s", info->bugcheck_code);
	if (info->missing_pages)
		printf("The file is truncated: %llu of its %llu pages are missing.\n", (unsigned long long)info->missing_pages,
		       (unsigned long long)info->page_count);
	if (no_symbols)
		printf("%s\n", imp_error_message(no_symbols));
	printf(".help lists the commands, q quits.\n\n");
}

static int debug(const struct imp_options *options)
{
	struct sigaction action = { .sa_handler = on_interrupt };
	struct imp_session session = { .interrupted = &interrupted };
	char *path = imp_default_symbol_path(options->symbol_path, options->dump);
	struct imp_kernel *kernel = NULL;
	struct imp_error *err;
	bool ok = true;

	err = imp_kernel_open(options->dump, path, options->image_path, &kernel);
	free(path);
	if (err) {
		fprintf(stderr, "impasse: %s\n", imp_error_message(err));
		imp_error_free(err);
		return 1;
	}
	sigaction(SIGINT, &action, NULL);
	imp_session_start(&session, kernel);
	if (!options->commands && !options->json && isatty(STDIN_FILENO)) {
		IMP_CLEANUP_ERROR struct imp_error *no_symbols = imp_kernel_need_symbols(kernel);

		say_opening(kernel, no_symbols);
	}
	if (options->commands)
		ok = imp_run_line(&session, options->commands, !options->json, options->json);
	if (!session.quit && (!options->commands || isatty(STDIN_FILENO)))
		ok &= imp_repl(&session, options->json);
	imp_kernel_close(kernel);
	return ok ? 0 : 1;
}

/* What could not be written is a failure, whatever was found: a full disk must not look like an empty answer. */
static int finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fputs("impasse: the output cannot be written\n", stderr);
	return code ? code : 1;
}

int main(int argc, char **argv)
{
	struct imp_options options = { 0 };
	int code;

	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} subcommands[] = {
		{ "convert", imp_convert_main },
#ifdef IMPASSE_HAS_LAB
		{ "lab", imp_lab_main },
		{ "sc", imp_sc_main },
		{ "dump", imp_dump_main },
#endif
	};

	for (size_t i = 0; argc > 1 && i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		if (!strcmp(argv[1], subcommands[i].name))
			return finish(subcommands[i].run(argc - 1, argv + 1));
	}
	if (argc > 1 && !strcmp(argv[1], "help"))
		return finish(show_help(argc > 2 ? argv[2] : NULL));
	code = parse_options(argc, argv, &options);
	return finish(code >= 0 ? code : debug(&options));
}
