/* Reading DWARF in a process of its own: libdwarf is not made for hostile files, and the debugger must not go down with it. The child reads, writes
 * its table to a file in memory and ends; limits bound its time, its memory and what it writes. The parent believes nothing in that file.
 */
#include "base/sandbox.h"
#include "symbols/dwarf_read.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MOST_SECONDS = 2,                /* of processor time */
	MOST_MEMORY = 256 * 1024 * 1024, /* beside what the parent had mapped */
	MOST_RESULT = 128 * 1024 * 1024,
};

static void limit(int resource, rlim_t most)
{
	struct rlimit limits;

	if (getrlimit(resource, &limits) == 0 && (limits.rlim_max == RLIM_INFINITY || most < limits.rlim_max)) {
		limits = (struct rlimit){ most, most };
		setrlimit(resource, &limits);
	}
}

/* Bytes of address space that this process has; 0 when the system does not say. */
static uint64_t address_space(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file)
		return 0;
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static _Noreturn void child(const struct imp_pe *image, int result, uint64_t space)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGINT, SIGTERM, SIGXCPU, SIGXFSZ, SIGALRM };
	struct imp_dwarf_table table = { 0 };
	char problem[128];

	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		signal(fatal[i], SIG_DFL);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, MOST_SECONDS);
	limit(RLIMIT_FSIZE, MOST_RESULT);
	if (space)
		limit(RLIMIT_AS, space + MOST_MEMORY);
	imp_sandbox_compute_only(result); /* where it cannot be done, the limits have to do */
	imp_dwarf_read(image, &table, problem, sizeof(problem));
	_exit(imp_dwarf_table_write(&table, problem, result) ? 0 : 1);
}

/* How the child ended, as a part of a sentence; NULL when it ended well. */
static const char *how_it_ended(pid_t pid)
{
	int status;
	pid_t ended;

	do {
		ended = waitpid(pid, &status, 0);
	} while (ended < 0 && errno == EINTR);
	if (ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return NULL; /* a program that does not wait for its children: the result itself tells */
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
		return "reading it takes too long";
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
		return "it says too much for an image";
	return "libdwarf crashed on it";
}

static struct imp_error *take_result(int result, struct imp_dwarf_table *table, char *problem, size_t size)
{
	struct stat status;
	struct imp_error *err;
	void *bytes;

	if (fstat(result, &status) != 0 || status.st_size <= 0 || status.st_size > MOST_RESULT)
		return imp_error_new(IMP_ERROR_FORMAT, "reading it had no result");
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, result, 0);
	if (bytes == MAP_FAILED)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for its names and lines");
	err = imp_dwarf_table_parse((struct imp_span){ bytes, (size_t)status.st_size }, table, problem, size);
	munmap(bytes, (size_t)status.st_size);
	return err;
}

struct imp_error *imp_dwarf_read_apart(const struct imp_pe *image, struct imp_dwarf_table *table, char *problem, size_t size)
{
	struct imp_error *err;
	const char *ending;
	pid_t pid;
	int result = memfd_create("dwarf", MFD_CLOEXEC);
	uint64_t space = address_space();

	problem[0] = '\0';
	if (result < 0)
		return imp_error_new(IMP_ERROR_IO, "no file in memory for its names and lines: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		child(image, result, space);
	if (pid < 0) {
		err = imp_error_new(IMP_ERROR_IO, "no process to read it in: %s", strerror(errno));
	} else {
		ending = how_it_ended(pid);
		err = ending ? imp_error_new(IMP_ERROR_FORMAT, "%s", ending) : take_result(result, table, problem, size);
	}
	close(result);
	return err;
}
