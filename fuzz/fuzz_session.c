/* Fuzz target: a whole session on a damaged file, with a row of commands in this process: finding the kernel where there is no header, its modules,
 * triage data, and what each command makes of them.
 */
#include "command/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const commands[] = {
	"di",
	"lm",
	"lmv",
	"tl",
	"k",
	"kv",
	"r",
	"us",
	"!process",
	"!thread",
	"!prcb",
	"!cpuinfo",
	".bugcheck",
	"!analyze -v",
	"u @rip",
	"dps @rsp",
	"db nt",
	"!vtop 0 fffff80000000000",
	"!pte fffff80000000000",
	"!reg",
	"!irql",
	"version",
};

static void run(struct imp_session *session, const char *command)
{
	struct imp_report *report = imp_report_new();
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!report || !to)
		abort();
	IMP_CLEANUP_ERROR struct imp_error *err = imp_command_run(session, command, report);
	imp_report_text(report, true, to);
	imp_report_json(report, command, err ? imp_error_message(err) : NULL, to);
	fclose(to);
	free(text);
	imp_report_free(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = -1;
	char path[64];
	struct imp_kernel *kernel;
	struct imp_session session = { 0 };

	if (file < 0)
		file = memfd_create("fuzz.dmp", MFD_CLOEXEC);
	if (file < 0 || ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);

	IMP_CLEANUP_ERROR struct imp_error *err = imp_kernel_open(path, "", NULL, &kernel);
	if (err)
		return 0;
	imp_session_start(&session, kernel);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		run(&session, commands[i]);
	imp_kernel_close(kernel);
	return 0;
}
