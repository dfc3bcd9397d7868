/* `impasse convert`: a dump in another format. What the formats look like is src/dump's question; here: which header the new file gets, and that it
 * gets its name only when it is complete. The dump is read, and the file filled, by a process in a sandbox.
 */
#include "cli/cli.h"
#include "base/newfile.h"
#include "base/sandbox.h"
#include "cli/render.h"

#include "dump/write.h"
#include "memory/reach.h"
#include "nt/systeminfo.h"
#include "symbols/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INTERRUPTED_CODE = 130 };

static const char usage[] = "usage: impasse convert IN OUT --type full|bitmap|kernel|raw|elf [--force] [-y PATH] [--json]\n"
			    "Writes the memory of the dump IN to OUT in another format.\n"
			    "\n"
			    "  --type full    Windows: complete memory dump, every page of each run of memory\n"
			    "  --type bitmap  Windows: only the pages that there are\n"
			    "  --type kernel  Windows: only the pages that the kernel's half of the address space reaches\n"
			    "  --type raw     physical memory without a header\n"
			    "  --type elf     ELF core, as QEMU and libvirt write it\n"
			    "  --force        OUT may exist and is replaced\n"
			    "  -y PATH        where symbols are, for memory without a dump header (else _NT_SYMBOL_PATH)\n"
			    "  --json         what was written, as one line of JSON\n";

/* What the process that reads the dump tells the one that gives the file its name. In memory of both; the reader is not believed to have ended strings. */
struct outcome {
	uint64_t pages, size, filled, missing;
	int code; /* enum imp_error_code, 0: it is done */
	char message[4096];
};

struct conversion {
	const char *in, *out, *type, *symbol_path;
	bool force, json;
	struct imp_dump *dump;     /* for a dump that has a header */
	struct imp_kernel *kernel; /* for one that has none: found in memory */
	uint8_t made_header[0x2000];
	struct imp_pages *kernel_pages; /* those that are taken; NULL: all */
	struct imp_dump_copy copy;
	struct outcome *outcome;
};

static volatile sig_atomic_t interrupted;

static volatile pid_t reader;

static void on_interrupt(int signal)
{
	interrupted = 1;
	if (reader > 0)
		kill(reader, signal);
}

static bool show_progress(void *context, uint64_t done, uint64_t total)
{
	const struct conversion *conversion = context;

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s: %3.0f%%", conversion->out, total ? (double)done / (double)total * 100 : 100.0);
	return !interrupted;
}

static bool is_kernel_page(void *context, uint64_t pfn)
{
	const struct conversion *conversion = context;

	return imp_pages_has(conversion->kernel_pages, pfn);
}

/* Memory without a header: what one would say is read from the kernel's variables, for which its symbols are needed. */
static struct imp_error *make_header(struct conversion *conversion)
{
	char *path = imp_default_symbol_path(conversion->symbol_path, conversion->in);
	struct imp_error *err = imp_kernel_open(conversion->in, path, NULL, &conversion->kernel);

	free(path);
	if (!err)
		err = imp_kernel_need_symbols(conversion->kernel);
	if (err)
		return imp_error_context(err, "a dump header cannot be made for %s", conversion->in);

	struct imp_system_info system;
	struct imp_dump_info info = conversion->kernel->info;
	imp_system_info_read(conversion->kernel, &system);
	info.system_time = system.system_time;
	info.up_time = system.up_time;
	info.product_type = system.product_type;
	info.suite_mask = system.suite_mask;
	imp_dump_header64_make(&info, conversion->made_header);
	conversion->copy.header = (struct imp_span){ conversion->made_header, sizeof(conversion->made_header) };
	return NULL;
}

static struct imp_error *open_source(struct conversion *conversion)
{
	struct imp_error *err = imp_dump_open(conversion->in, &conversion->dump);

	if (err)
		return err;
	if (imp_dump_is_virtual(conversion->dump))
		return imp_error_new(IMP_ERROR_USAGE,
				     "%s is a %s: it holds blocks of virtual memory and no physical pages, so no other format can be made of it",
				     conversion->in, imp_dump_info(conversion->dump)->format);
	conversion->copy.dump = conversion->dump;
	conversion->copy.header = imp_dump_header(conversion->dump);
	if (!conversion->copy.header.size && imp_dump_copy_needs_header(conversion->type))
		err = make_header(conversion);
	if (!err && !strcmp(conversion->type, "kernel")) {
		const struct imp_dump_info *info = conversion->kernel ? &conversion->kernel->info : imp_dump_info(conversion->dump);

		err = imp_kernel_pages(conversion->dump, info->directory_table_base,
				       imp_paging_levels(conversion->dump, info->directory_table_base, info->loaded_module_list),
				       &conversion->kernel_pages);
		conversion->copy.keep = is_kernel_page;
	}
	return err;
}

static struct imp_error *check_target(const struct conversion *conversion)
{
	struct stat info;

	if (lstat(conversion->out, &info) < 0)
		return errno == ENOENT ? NULL : imp_error_new(IMP_ERROR_IO, "cannot write %s: %s", conversion->out, strerror(errno));
	if (!S_ISREG(info.st_mode))
		return imp_error_new(IMP_ERROR_USAGE, "%s is not a regular file, and is not replaced", conversion->out);
	if (!conversion->force)
		return imp_error_new(IMP_ERROR_USAGE, "%s exists; --force replaces it", conversion->out);
	return NULL;
}

/* The folder of OUT, opened, and the name in it. */
static struct imp_error *open_folder(const char *out, int *folder, const char **name)
{
	const char *slash = strrchr(out, '/');
	char *path = slash ? strndup(out, (size_t)(slash - out) + 1) : strdup(".");
	struct imp_error *err = NULL;

	*folder = -1;
	*name = slash ? slash + 1 : out;
	if (!path)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the name %s", out);
	if (!**name)
		err = imp_error_new(IMP_ERROR_USAGE, "%s names no file", out);
	else if ((*folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		err = imp_error_new(IMP_ERROR_IO, "cannot open the folder of %s: %s", out, strerror(errno));
	free(path);
	return err;
}

static struct imp_error *read_and_write(struct conversion *conversion)
{
	struct imp_error *err = imp_keeper_start(); /* outside of the sandbox: it writes into stores */

	if (err)
		return err;
	imp_sandbox_enter(IMP_SANDBOX_ALL);
	err = open_source(conversion);
	if (err)
		return err;
	conversion->copy.progress = show_progress;
	conversion->copy.context = conversion;
	err = imp_error_context(imp_dump_copy(&conversion->copy, conversion->type), "%s", conversion->out);
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	return err;
}

static _Noreturn void become_reader(struct conversion *conversion, pid_t parent)
{
	struct outcome *outcome = conversion->outcome;
	struct imp_error *err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1); /* it had ended before */
	err = read_and_write(conversion);
	outcome->pages = conversion->copy.pages;
	outcome->size = conversion->copy.size;
	outcome->filled = conversion->copy.filled;
	outcome->missing = conversion->dump ? imp_dump_info(conversion->dump)->missing_pages : 0;
	outcome->code = err ? (int)imp_error_code(err) : 0;
	if (err)
		snprintf(outcome->message, sizeof(outcome->message), "%s", imp_error_message(err));
	_exit(0);
}

/* Has a process in a sandbox read the dump and fill the open file: what it parses is a stranger's. */
static struct imp_error *run_reader(struct conversion *conversion)
{
	struct outcome *outcome = conversion->outcome;
	pid_t parent = getpid();
	int status = 0;

	fflush(NULL); /* what is buffered would be written twice */
	reader = fork();
	if (reader == 0)
		become_reader(conversion, parent);
	if (reader < 0)
		return imp_error_new(IMP_ERROR_IO, "no process to read the dump in: %s", strerror(errno));
	while (waitpid(reader, &status, 0) < 0 && errno == EINTR)
		;
	reader = 0;
	if (WIFSIGNALED(status))
		return imp_error_new(IMP_ERROR_IO, "the process that reads %s crashed (signal %d, %s): a bug of this program", conversion->in,
				     WTERMSIG(status), strsignal(WTERMSIG(status)));
	outcome->message[sizeof(outcome->message) - 1] = '\0';
	if (status || outcome->code)
		return imp_error_new(outcome->code ? (enum imp_error_code)outcome->code : IMP_ERROR_IO, "%s",
				     *outcome->message ? outcome->message : "the process that reads the dump ended early");
	return NULL;
}

static struct imp_error *convert(struct conversion *conversion)
{
	struct imp_new_file file = IMP_NO_NEW_FILE;
	struct imp_error *err = check_target(conversion);
	const char *name;
	int folder = -1;

	if (err)
		return err;
	conversion->outcome = mmap(NULL, sizeof(*conversion->outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (conversion->outcome == MAP_FAILED)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory to convert %s", conversion->in);
	err = open_folder(conversion->out, &folder, &name);
	if (!err)
		err = imp_new_file_make(folder, name, conversion->out, &file);
	if (!err) {
		conversion->copy.file = file.fd;
		err = run_reader(conversion);
	}
	if (!err)
		err = imp_new_file_keep(&file, conversion->force);
	imp_new_file_drop(&file);
	if (folder >= 0)
		close(folder);
	return err;
}

/* Shows the result on standard output, with --json an error too. */
static void say_result(const struct conversion *conversion, const struct imp_error *err)
{
	struct imp_rendering how = { .command = "convert", .json = conversion->json, .output = STDOUT_FILENO, .errors = STDERR_FILENO };
	const struct outcome *outcome = conversion->outcome;
	struct imp_report *report = imp_report_new();

	if (!report)
		return;
	imp_report_value(report, "result", imp_string("convert"));
	if (!err) {
		imp_report_line(report, "%s: %s, %llu pages, %llu bytes", conversion->out, conversion->type, (unsigned long long)outcome->pages,
				(unsigned long long)outcome->size);
		imp_report_value(report, "file", imp_string(conversion->out));
		imp_report_value(report, "type", imp_string(conversion->type));
		imp_report_value(report, "pages", imp_number(outcome->pages));
		imp_report_value(report, "bytes", imp_number(outcome->size));
		imp_report_value(report, "zero_pages", imp_number(outcome->filled));
		imp_report_value(report, "missing_pages", imp_number(outcome->missing));
	}
	if (!err && outcome->filled)
		imp_report_line(report, "%llu pages that %s does not hold read as zeros in it", (unsigned long long)outcome->filled, conversion->in);
	if (!err && outcome->missing)
		imp_report_line(report, "%llu pages were missing: %s is truncated", (unsigned long long)outcome->missing, conversion->in);
	imp_render(&how, report, conversion->json ? err : NULL);
	imp_report_free(report);
}

/* Returns -1 when the program should go on, else its exit code. */
static int parse_options(int argc, char **argv, struct conversion *conversion)
{
	static const struct option longs[] = {
		{ "type", required_argument, NULL, 't' },
		{ "force", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "t:fy:h", longs, NULL)) != -1) {
		switch (option) {
		case 't':
			conversion->type = optarg;
			break;
		case 'f':
			conversion->force = true;
			break;
		case 'y':
			conversion->symbol_path = optarg;
			break;
		case 'j':
			conversion->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 1;
		}
	}
	if (argc - optind != 2 || !conversion->type) {
		fputs(usage, stderr);
		return 1;
	}
	if (!imp_dump_copy_type(conversion->type)) {
		fprintf(stderr, "impasse convert: '%s' is no type of dump that can be written; there are full, bitmap, kernel, raw and elf\n",
			conversion->type);
		return 1;
	}
	conversion->in = argv[optind];
	conversion->out = argv[optind + 1];
	return -1;
}

int imp_convert_main(int argc, char **argv)
{
	struct conversion conversion = { .copy = { .file = -1 } };
	struct sigaction action = { .sa_handler = on_interrupt };
	int code = parse_options(argc, argv, &conversion);

	if (code >= 0)
		return code;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	IMP_CLEANUP_ERROR struct imp_error *err = convert(&conversion);
	if (err && !conversion.json)
		imp_render_error("impasse convert", err);
	else
		say_result(&conversion, err);
	code = !err ? 0 : imp_error_code(err) == IMP_ERROR_INTERRUPTED ? INTERRUPTED_CODE : 1;
	return code;
}
