/* impasse: opens a dump at a prompt or runs commands on it; hands `lab`, `sc` and `dump` to the lab's host side, `convert` to its file. */
#include "cli/cli.h"
#include "cli/render.h"

#ifdef IMPASSE_HAS_LAB
#include "lab.h"
#endif

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const usage = "usage: impasse FILE [OPTIONS]          open a kernel dump at a prompt\n"
				 "       impasse -z FILE -c \"COMMANDS\"    run commands on it, separated by ';' (q: quit)\n"
#ifdef IMPASSE_HAS_LAB
				 "       impasse lab up|status|log|threads|wait|down   the lab: a small NT kernel in QEMU\n"
				 "       impasse sc create|start|stop|delete|query ...   its drivers\n"
				 "       impasse dump [-o FILE]           a dump of it\n"
#endif
				 "       impasse hang FILE                what is stuck in a dump, why, and where to change it\n"
				 "       impasse convert IN OUT --type full|bitmap|kernel|raw|elf   a dump in another format\n"
				 "       impasse help [COMMAND]           the debugger's commands\n"
				 "\n"
				 "  -z FILE        the dump\n"
				 "  -y PATH        where symbols are: folders separated by ';', srv*CACHE*SERVER (else _NT_SYMBOL_PATH)\n"
				 "  -i PATH        where images (.sys, .exe) are; the symbol path is searched too\n"
				 "  -c COMMANDS    run these first\n"
				 "  --json         each command's result as one line of JSON\n"
				 "  --color WHEN   auto (on a terminal, unless NO_COLOR is set), always or never\n"
				 "  --no-pager     long results at the prompt run through\n"
				 "  --no-sandbox   the process that reads the dump keeps the network and may write files\n"
				 "  --help, --version\n"
				 "\n"
				 "Exit code: 0, or 1 when something failed; 128 and a signal's number when reading the dump crashed.\n";

struct display {
	enum imp_when colour;
	bool no_pager;
};

static bool parse_when(const char *text, enum imp_when *when)
{
	static const char *const names[] = { [IMP_WHEN_AUTO] = "auto", [IMP_WHEN_ALWAYS] = "always", [IMP_WHEN_NEVER] = "never" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(names[i], text)) {
			*when = (enum imp_when)i;
			return true;
		}
	}
	fprintf(stderr, "impasse: --color takes auto, always or never, not '%s'\n", text);
	return false;
}

/* Returns -1 when the program should go on, else its exit code. */
static int parse_options(int argc, char **argv, struct imp_options *options, struct display *display)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "color", required_argument, NULL, 'C' },
		{ "no-pager", no_argument, NULL, 'P' },
		{ "no-sandbox", no_argument, NULL, 'S' },
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
		case 'C':
			if (!parse_when(optarg, &display->colour))
				return 1;
			break;
		case 'P':
			display->no_pager = true;
			break;
		case 'S':
			options->no_sandbox = true;
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

static int debug(const struct imp_options *options, const struct display *display)
{
	struct imp_front front = { .json = options->json };
	struct imp_answer first = { 0 };
	struct imp_error *err = imp_engine_start(options, &front.engine, &first);
	bool at_terminal = isatty(STDIN_FILENO), ok = true;

	if (err) {
		imp_render_error("impasse", err);
		imp_error_free(err);
		return first.died ? first.died : 1;
	}
	imp_output_start(&front.output, display->colour);
	front.output.pager = !display->no_pager;
	memcpy(front.prompt, first.prompt, sizeof(front.prompt));
	if (!options->commands && !options->json && at_terminal) {
		printf("Loading dump file [%s]\n", options->dump);
		imp_front_run(&front, "vertarget", false);
		puts(".help lists the commands, q quits.\n");
	}
	if (options->commands)
		ok = imp_front_run(&front, options->commands, !options->json);
	if (!front.quit && (!options->commands || at_terminal))
		ok &= imp_repl(&front);
	imp_output_end(&front.output);
	imp_engine_end(front.engine);
	if (front.unwritten && fflush(stdout) == 0 && !ferror(stdout)) /* else finish says so */
		fputs("impasse: the output cannot be written\n", stderr);
	return front.died ? front.died : ok && !front.unwritten ? 0 : 1;
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
	struct display display = { IMP_WHEN_AUTO, false };
	int code;

	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} subcommands[] = {
		{ "hang", imp_hang_main }, { "convert", imp_convert_main }, { "help", imp_help_main },
#ifdef IMPASSE_HAS_LAB
		{ "lab", imp_lab_main },   { "sc", imp_sc_main },           { "dump", imp_dump_main },
#endif
	};

	for (size_t i = 0; argc > 1 && i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		if (!strcmp(argv[1], subcommands[i].name))
			return finish(subcommands[i].run(argc - 1, argv + 1));
	}
	code = parse_options(argc, argv, &options, &display);
	return finish(code >= 0 ? code : debug(&options, &display));
}
