/* `impasse dump`: the lab's memory as a Windows crash dump; see capture.h for how it comes about. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "commands.h"
#include "lab.h"
#include "progress.h"
#include "units.h"

#define MONITOR_MS 10000

static const char usage[] = "usage: impasse dump [-o FILE] [--json]\n"
			    "Writes the lab's memory to FILE (default MEMORY.DMP) as a Windows crash dump.\n";

/* Where the dump goes: the folder, opened, and the name in it. A symbolic link is followed; a file that is neither empty nor a crash dump is
 * somebody's, and refused as what is no file.
 */
struct target {
	int folder;
	char *path; /* allocated, resolved as far as it exists */
	const char *name;
};

/* Whether the file may be replaced: it is empty, or begins as a crash dump of 32 or 64 bits does. */
static bool is_replaceable(const char *path)
{
	static const char signature[4] = "PAGE";
	IMP_CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char start[sizeof(signature)];
	ssize_t got = fd < 0 ? -1 : read(fd, start, sizeof(start));

	return got == 0 || (got == sizeof(start) && memcmp(start, signature, sizeof(start)) == 0);
}

static struct imp_error *open_target(const char *file, struct target *target)
{
	char *copy;
	struct stat info;

	*target = (struct target){ .folder = -1, .path = realpath(file, NULL) };
	if (!target->path)
		target->path = strdup(file);
	if (!target->path)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for the name %s", file);
	/* A dump replaces the name: a link that leads nowhere would be lost, and a file's write protection passed over. */
	if (lstat(target->path, &info) == 0 && S_ISLNK(info.st_mode))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "%s is a symbolic link that leads nowhere", file);
	if (access(target->path, F_OK) == 0 && access(target->path, W_OK) < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot replace %s: %s", file, strerror(errno));
	if (stat(target->path, &info) == 0 && !S_ISREG(info.st_mode))
		return imp_error_new(IMP_ERROR_USAGE, "%s is %s, a dump goes into a file", file,
				     S_ISDIR(info.st_mode) ? "a folder" : "no regular file");
	if (access(target->path, F_OK) == 0 && !is_replaceable(target->path))
		return imp_error_new(IMP_ERROR_USAGE, "%s is there and is no crash dump: it is not overwritten; remove it or name another file",
				     file);
	target->name = strrchr(target->path, '/') ? strrchr(target->path, '/') + 1 : target->path;
	if (!*target->name)
		return imp_error_new(IMP_ERROR_USAGE, "%s names no file", file);
	copy = strdup(target->path);
	if (!copy)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for the name %s", file);
	target->folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (target->folder < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot open the folder of %s: %s", file, strerror(errno));
	return NULL;
}

static struct imp_error *take(const struct imp_lab *lab, const char *file, const struct target *target, struct imp_captured *captured)
{
	IMP_CLEANUP_FD int interrupts = imp_wait_for_interrupts();
	struct imp_wait wait = imp_wait_for(MONITOR_MS, interrupts);
	IMP_CLEANUP_QMP struct imp_qmp qmp = { .fd = -1 };
	IMP_CLEANUP_FD int lock = -1;
	struct imp_progress progress;
	struct imp_capture capture = {
		.folder = target->folder,
		.name = target->name,
		.shown = file,
		.memory = (uint64_t)lab->state.memory << 20,
		.progress = imp_progress_show,
		.context = &progress,
	};
	struct imp_error *err;

	err = imp_lab_open_qmp(lab, true, &wait, &lock, &qmp);
	if (err)
		return err;
	imp_progress_begin(&progress);
	err = imp_capture_run(&capture, &qmp, interrupts, captured);
	imp_progress_end(&progress);
	return err;
}

static struct imp_error *print_result(const char *file, const struct imp_captured *captured, uint64_t took, bool json)
{
	char size[IMP_UNITS_SIZE], time[IMP_UNITS_SIZE], rate[IMP_UNITS_SIZE], text[160];

	imp_bugcheck_describe(&captured->bugcheck, text, sizeof(text));
	if (json) {
		json_t *parameters = json_array();

		for (int i = 0; i < 4; i++)
			json_array_append_new(parameters, json_sprintf("0x%llx", (unsigned long long)captured->bugcheck.parameters[i]));
		return imp_lab_print_json(json_pack("{s:s, s:I, s:I, s:o, s:o}", "file", file, "size", (json_int_t)captured->size, "took_us",
						    (json_int_t)took, "bugcheck", json_sprintf("0x%X", captured->bugcheck.code), "parameters",
						    parameters));
	}
	printf("%s: %s in %s (%s/s), %s\n", file, imp_units_bytes(captured->size, size), imp_units_duration(took, time),
	       imp_units_bytes((uint64_t)((double)captured->size * 1e6 / (double)(took ? took : 1)), rate), text);
	return NULL;
}

static struct imp_error *run(const char *file, bool json)
{
	IMP_CLEANUP_LAB struct imp_lab lab = { .folder.fd = -1 };
	struct imp_captured captured;
	struct target target;
	int64_t started = imp_now_us();
	struct imp_error *err = imp_lab_open_running(&lab);

	if (err)
		return err;
	err = open_target(file, &target);
	if (!err)
		err = take(&lab, file, &target, &captured);
	if (!err)
		err = print_result(file, &captured, (uint64_t)(imp_now_us() - started), json);
	imp_fd_cleanup(&target.folder);
	free(target.path);
	return err;
}

int imp_dump_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *file = "MEMORY.DMP";
	struct imp_error *err = NULL;
	bool json = false;
	int option, exit_code;

	opterr = 0;
	optind = 0;
	while (!err && (option = getopt_long(argc, argv, "+o:h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (option == 'o')
			file = optarg;
		else if (option == 'j')
			json = true;
		else
			err = imp_error_new(IMP_ERROR_USAGE, "%s: no such option, or its value is missing", argv[optind > 1 ? optind - 1 : 1]);
	}
	if (!err && optind < argc)
		err = imp_error_new(IMP_ERROR_USAGE, "%s: the file is given with -o", argv[optind]);
	if (!err)
		err = run(file, json);
	if (!err)
		return 0;
	fprintf(stderr, "impasse dump: %s\n", imp_error_message(err));
	exit_code = imp_error_code(err) == IMP_ERROR_INTERRUPTED ? 130 : 1;
	imp_error_free(err);
	return exit_code;
}
