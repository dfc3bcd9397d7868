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

/* What the child does: reads, and writes what it found to the file `result`. False when that does not take it. */
typedef bool (*apart_work)(const struct imp_pe *image, int result);

static _Noreturn void child(const struct imp_pe *image, int result, uint64_t space, apart_work work)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGINT, SIGTERM, SIGXCPU, SIGXFSZ, SIGALRM };

	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		signal(fatal[i], SIG_DFL);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, MOST_SECONDS);
	limit(RLIMIT_FSIZE, MOST_RESULT);
	if (space)
		limit(RLIMIT_AS, space + MOST_MEMORY);
	imp_sandbox_compute_only(result); /* where it cannot be done, the limits have to do */
	_exit(work(image, result) ? 0 : 1);
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

/* Has `work` done, and maps what it left to `*bytes`, which the caller unmaps. */
static struct imp_error *run_apart(const struct imp_pe *image, apart_work work, struct imp_span *bytes)
{
	struct imp_error *err = NULL;
	struct stat status;
	int result = memfd_create("dwarf", MFD_CLOEXEC);
	uint64_t space = address_space();

	*bytes = (struct imp_span){ 0 };
	if (result < 0)
		return imp_error_new(IMP_ERROR_IO, "no file in memory for what it says: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0)
		child(image, result, space, work);
	const char *ending = pid > 0 ? how_it_ended(pid) : NULL;
	if (pid < 0)
		err = imp_error_new(IMP_ERROR_IO, "no process to read it in: %s", strerror(errno));
	else if (ending)
		err = imp_error_new(IMP_ERROR_FORMAT, "%s", ending);
	else if (fstat(result, &status) != 0 || status.st_size <= 0 || status.st_size > MOST_RESULT)
		err = imp_error_new(IMP_ERROR_FORMAT, "reading it had no result");
	if (!err) {
		void *mapped = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, result, 0);

		if (mapped == MAP_FAILED)
			err = imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for what it says");
		else
			*bytes = (struct imp_span){ mapped, (size_t)status.st_size };
	}
	close(result);
	return err;
}

static void unmap(struct imp_span bytes)
{
	munmap((void *)(uintptr_t)bytes.data, bytes.size);
}

static bool write_functions(const struct imp_pe *image, int result)
{
	struct imp_dwarf_table table = { 0 };
	char problem[128];

	imp_dwarf_read(image, &table, problem, sizeof(problem));
	return imp_dwarf_table_write(&table, problem, result);
}

struct imp_error *imp_dwarf_read_apart(const struct imp_pe *image, struct imp_dwarf_table *table, char *problem, size_t size)
{
	struct imp_span bytes;
	struct imp_error *err = run_apart(image, write_functions, &bytes);

	problem[0] = '\0';
	if (err)
		return err;
	err = imp_dwarf_table_parse(bytes, table, problem, size);
	unmap(bytes);
	return err;
}

/* The streams of a PDB: their sizes, then their bytes. */
static bool write_types(const struct imp_pe *image, int result)
{
	struct imp_span streams[IMP_MADE_STREAMS];
	struct imp_pdb_made *made = imp_pdb_made_new();
	uint32_t sizes[IMP_MADE_STREAMS];

	if (!made || !imp_dwarf_read_types(image, made) || imp_pdb_made_streams(made, "it", streams))
		return false;
	for (unsigned i = 0; i < IMP_MADE_STREAMS; i++)
		sizes[i] = (uint32_t)streams[i].size;
	bool written = write(result, sizes, sizeof(sizes)) == sizeof(sizes);
	for (unsigned i = 0; i < IMP_MADE_STREAMS && written; i++)
		for (size_t done = 0; done < streams[i].size && written;) {
			ssize_t count = write(result, streams[i].data + done, streams[i].size - done);

			written = count > 0;
			done += written ? (size_t)count : 0;
		}
	return written;
}

/* Copies the streams out of the file; those that do not lie in it are empty. */
static void take_streams(struct imp_span bytes, struct imp_span streams[IMP_MADE_STREAMS])
{
	uint64_t at = IMP_MADE_STREAMS * sizeof(uint32_t);

	for (unsigned i = 0; i < IMP_MADE_STREAMS; i++) {
		struct imp_span part;
		uint32_t size;

		streams[i] = (struct imp_span){ 0 };
		if (!imp_span_u32(bytes, (uint64_t)i * sizeof(uint32_t), &size) || !imp_span_slice(bytes, at, size, &part) || !size)
			continue;
		uint8_t *copy = malloc(size);
		if (copy)
			streams[i] = (struct imp_span){ memcpy(copy, part.data, size), size };
		at += size;
	}
}

struct imp_error *imp_dwarf_types_apart(const struct imp_pe *image, struct imp_pdb **pdb)
{
	struct imp_span bytes, streams[IMP_MADE_STREAMS];
	struct imp_error *err = run_apart(image, write_types, &bytes);

	*pdb = NULL;
	if (err)
		return err;
	take_streams(bytes, streams);
	unmap(bytes);
	return imp_pdb_of_streams(streams, imp_pe_name(image), "dwarf", &(struct imp_guid){ 0 }, 0, pdb);
}
