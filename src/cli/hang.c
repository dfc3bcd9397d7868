/* `impasse hang FILE`: the verdict about a dump, for a shell: what !hang says, and an exit code. */
#include "cli/cli.h"
#include "cli/render.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { NOTHING_STUCK = 0, FAILED = 1, STUCK = 2 };

static const char usage[] =
	"usage: impasse hang FILE [--max-wait SECONDS] [--dot] [-y PATH] [-i PATH] [--json]\n"
	"Says which threads of the dump FILE can never run again, why, and which source lines to look at.\n"
	"\n"
	"  --max-wait S   also list waits that are longer than S seconds and not proven to be stuck\n"
	"  --dot          the graph of what is stuck, for Graphviz: impasse hang FILE --dot | dot -Tsvg -o hang.svg\n"
	"  -y PATH        where symbols are (else _NT_SYMBOL_PATH)\n"
	"  -i PATH        where images (.sys) are\n"
	"  --json         one line of JSON (docs/json.md)\n"
	"  --no-sandbox   the process that reads the dump keeps the network and may write files\n"
	"\n"
	"Exit code: 0 nothing is stuck, 2 something is, 1 for an error; 128 and a signal's number when reading the dump crashed.\n";

static int examine(const struct imp_options *options, const char *command)
{
	struct imp_front front = { .json = options->json };
	struct imp_answer first = { 0 };
	struct imp_error *err = imp_engine_start(options, &front.engine, &first);
	bool ok;

	if (err) {
		imp_render_error("impasse", err);
		imp_error_free(err);
		return first.died ? first.died : FAILED;
	}
	imp_output_start(&front.output, IMP_WHEN_AUTO);
	ok = imp_front_run(&front, command, false);
	imp_output_end(&front.output);
	imp_engine_end(front.engine);
	if (front.died || !ok || front.unwritten)
		return front.died ? front.died : FAILED;
	return front.stuck ? STUCK : NOTHING_STUCK;
}

int imp_hang_main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "max-wait", required_argument, NULL, 'm' }, { "dot", no_argument, NULL, 'd' },  { "json", no_argument, NULL, 'j' },
		{ "no-sandbox", no_argument, NULL, 'S' },     { "help", no_argument, NULL, 'h' }, { 0 },
	};
	struct imp_options options = { 0 };
	char command[64] = "!hang";
	int option;

	while ((option = getopt_long(argc, argv, "y:i:h", longs, NULL)) != -1) {
		switch (option) {
		case 'm':
			if (!*optarg || strspn(optarg, "0123456789") != strlen(optarg) || strlen(optarg) > 9) {
				fprintf(stderr, "impasse: --max-wait takes a number of seconds, not '%s'\n", optarg);
				return FAILED;
			}
			snprintf(command, sizeof(command), "!hang --max-wait %s", optarg);
			break;
		case 'y':
			options.symbol_path = optarg;
			break;
		case 'i':
			options.image_path = optarg;
			break;
		case 'd':
			snprintf(command, sizeof(command), "!hang --dot");
			break;
		case 'j':
			options.json = true;
			break;
		case 'S':
			options.no_sandbox = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return NOTHING_STUCK;
		default:
			fputs("impasse hang --help shows what is possible\n", stderr);
			return FAILED;
		}
	}
	if (optind != argc - 1) {
		fputs(optind == argc ? "impasse: which dump? impasse hang FILE examines one\n"
				     : "impasse: one dump at a time; impasse hang --help shows what is possible\n",
		      stderr);
		return FAILED;
	}
	options.dump = argv[optind];
	return examine(&options, command);
}
