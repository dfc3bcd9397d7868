/* Runs a program on many damaged copies of one file, and says of which it crashed, hung or took too much memory. Every copy follows from the seed and
 * its number alone, so that one can be made again.
 *
 *   corpus [-n RUNS] [-s SEED] [-o RUN] [-j JOBS] [-m MIB] [-k FOLDER] [-i INPUT] FILE PROGRAM ARGUMENT...     {} in an argument is the damaged file
 *
 * -o: only this run. -m: the most resident memory, 0 for any. -k: where damaged files that made it fail are kept. -i: the program's standard input.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A program with sanitizers, which is not optimized either, takes longer for the same. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SLOWER 10
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

enum {
	MOST_CPU_SECONDS = 2 * SLOWER, /* of processor time, which a busy machine does not stretch: a longer loop is a hang */
	MOST_WALL_SECONDS = 60,        /* something that waits for ever uses none */
	MOST_DAMAGE_BITS = 13,         /* at most 2^13 words or bytes of one kind: what a question reads is a small part of the file */
	HEADER = 0x2000,               /* bytes at a dump's start that its format is in */
	NEAR = 256,                    /* bytes: damage that stays together */
	SHOWN = 3000,                  /* bytes of a failing program's output */
};

static struct {
	const char *file;
	char **program;
	uint64_t runs, seed, only, memory;
	unsigned jobs;
	const char *keep, *input;
} options = { .input = "/dev/null", .runs = 1000, .only = UINT64_MAX, .memory = 256, .jobs = 1 };

static const uint8_t *original;
static size_t size;
static uint8_t *copy; /* this job's, mapped from `copy_file` */
static int copy_file, output_file;
static uint64_t state;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "corpus: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next(void)
{
	uint64_t value = state += 0x9e3779b97f4a7c15;

	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
	value = (value ^ value >> 27) * 0x94d049bb133111eb;
	return value ^ value >> 31;
}

static size_t below(size_t limit)
{
	return (size_t)(next() % limit);
}

/* Small numbers as often as large ones. */
static size_t amount(void)
{
	return 1 + below((size_t)1 << below(MOST_DAMAGE_BITS + 1));
}

/* An offset where something stands: most of a dump is zeros that nobody reads. */
static size_t interesting(void)
{
	size_t at = below(size - 8) & ~(size_t)7;

	for (unsigned tries = 0; tries < 1000 && !original[at] && !original[at + 1]; tries++)
		at = below(size - 8) & ~(size_t)7;
	return at;
}

static void flip(size_t at)
{
	copy[at] ^= (uint8_t)(1 + below(255));
}

static void flip_header(size_t count)
{
	for (count %= NEAR; count--;)
		flip(below(size < HEADER ? size : HEADER));
}

static void flip_anywhere(size_t count)
{
	while (count--)
		flip(interesting() + below(8));
}

static void flip_nearby(size_t count)
{
	size_t from = interesting();

	for (count %= NEAR; count--;)
		flip((from + below(NEAR)) % size);
}

static void set_word(size_t at, uint64_t word)
{
	memcpy(copy + at, &word, sizeof(word));
}

/* A pointer that leads to something else that exists: lists run into each other and into circles. */
static void exchange_words(size_t count)
{
	while (count--) {
		uint64_t word;

		memcpy(&word, original + interesting(), sizeof(word));
		set_word(interesting(), word);
	}
}

static void set_extremes(size_t count)
{
	static const uint64_t extremes[] = { 0, 1, UINT64_MAX, INT64_MAX, INT64_MIN, UINT32_MAX, INT32_MAX, 0xffff, 0xfffff80000000000, 0x1000 };

	while (count--)
		set_word(interesting(), extremes[below(sizeof(extremes) / sizeof(extremes[0]))] + (below(4) ? 0 : below(16)));
}

static void (*const damages[])(size_t count) = {
	flip_header, flip_anywhere, flip_anywhere, flip_nearby, exchange_words, exchange_words, set_extremes
};

/* Makes copy number `run`. */
static void damage(uint64_t run)
{
	state = options.seed ^ run * 0xd1342543de82ef95;
	if (ftruncate(copy_file, (off_t)size))
		fail("the copy");
	memcpy(copy, original, size);
	for (size_t kinds = 1 + below(2); kinds--;)
		damages[below(sizeof(damages) / sizeof(damages[0]))](amount());
	if (!below(5) && ftruncate(copy_file, (off_t)(below(3) ? below(size) : below(HEADER + 1))))
		fail("the copy");
}

static _Noreturn void become_program(const char *path)
{
	char *arguments[64] = { 0 };
	struct rlimit cpu = { MOST_CPU_SECONDS + 1, MOST_CPU_SECONDS + 1 }, core = { 0, 0 };
	int input = open(options.input, O_RDONLY);

	for (unsigned i = 0; options.program[i] && i < 63; i++)
		arguments[i] = strcmp(options.program[i], "{}") ? options.program[i] : (char *)path;
	setpgid(0, 0);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &core);
	setenv("ASAN_OPTIONS", "abort_on_error=1", 1);
	setenv("UBSAN_OPTIONS", "abort_on_error=1:print_stacktrace=1", 1);
	if (input < 0 || dup2(input, 0) < 0 || dup2(output_file, 1) < 0 || dup2(output_file, 2) < 0)
		_exit(127);
	execvp(arguments[0], arguments);
	_exit(127);
}

static double cpu_seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) + (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

/* What is wrong with how the program ended; NULL for nothing. */
static const char *verdict(int status, const struct rusage *usage, bool hung)
{
	static char text[80];
	double seconds = cpu_seconds(usage);

	if (hung)
		snprintf(text, sizeof(text), "hung for %d s", MOST_WALL_SECONDS);
	else if (seconds > MOST_CPU_SECONDS)
		snprintf(text, sizeof(text), "took %.1f s of processor time", seconds);
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "ended with signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) > 1)
		snprintf(text, sizeof(text), "ended with exit code %d", WEXITSTATUS(status));
	else if (options.memory && (uint64_t)usage->ru_maxrss > options.memory * 1024)
		snprintf(text, sizeof(text), "took %ld MiB of memory", usage->ru_maxrss / 1024);
	else
		return NULL;
	return text;
}

static void keep(uint64_t run)
{
	char path[4096];
	struct stat info;
	int file;

	snprintf(path, sizeof(path), "%s/seed%llu-run%llu", options.keep, (unsigned long long)options.seed, (unsigned long long)run);
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (file < 0 || fstat(copy_file, &info) || write(file, copy, (size_t)info.st_size) != info.st_size || close(file))
		fail(path);
	printf("kept: %s\n", path);
}

static void show_output(void)
{
	static char text[SHOWN];
	off_t end = lseek(output_file, 0, SEEK_END);
	ssize_t got = pread(output_file, text, sizeof(text), end > SHOWN ? end - SHOWN : 0);

	for (ssize_t i = 0; i < got; i++)
		putchar(isprint((unsigned char)text[i]) || text[i] == '\n' ? text[i] : '.');
}

/* Of what the program wrote: FNV-1a, 64 bits. */
static uint64_t output_hash(void)
{
	uint8_t part[4096];
	uint64_t hash = 0xcbf29ce484222325;
	ssize_t got;

	for (off_t at = 0; (got = pread(output_file, part, sizeof(part), at)) > 0; at += got) {
		for (ssize_t i = 0; i < got; i++)
			hash = (hash ^ part[i]) * 0x100000001b3;
	}
	return hash;
}

struct result {
	uint64_t runs, failures, different; /* different: other output than for the undamaged file */
	double most_seconds;
	long most_memory;
};

/* Runs the program on the copy as it is. Returns what is wrong with how it ended; NULL for nothing. */
static const char *run_program(struct rusage *usage)
{
	char path[64];
	bool hung;
	int status;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", copy_file); /* which the program inherits */
	if (ftruncate(output_file, 0) || lseek(output_file, 0, SEEK_SET))
		fail("output");
	pid_t child = fork();
	if (child == 0)
		become_program(path);
	int ended = child < 0 ? -1 : (int)syscall(SYS_pidfd_open, child, 0);
	if (ended < 0)
		fail("the program cannot be started");
	hung = poll(&(struct pollfd){ ended, POLLIN, 0 }, 1, MOST_WALL_SECONDS * 1000) == 0;
	if (hung)
		kill(-child, SIGKILL);
	close(ended);
	if (wait4(child, &status, 0, usage) != child)
		fail("wait");
	return verdict(status, usage, hung);
}

static void run_one(uint64_t run, uint64_t undamaged, struct result *result)
{
	struct rusage usage;
	const char *wrong;

	damage(run);
	wrong = run_program(&usage);
	result->runs++;
	result->failures += wrong != NULL;
	result->different += output_hash() != undamaged;
	if (cpu_seconds(&usage) > result->most_seconds)
		result->most_seconds = cpu_seconds(&usage);
	if (usage.ru_maxrss > result->most_memory)
		result->most_memory = usage.ru_maxrss;
	if (!wrong)
		return;
	printf("FAILED: seed %llu, run %llu: the program %s\n", (unsigned long long)options.seed, (unsigned long long)run, wrong);
	show_output();
	if (options.keep)
		keep(run);
}

/* One of several processes that share the runs. Its result goes to `results`. */
static void job(unsigned number, struct result *result)
{
	copy_file = memfd_create("damaged", 0);
	output_file = memfd_create("output", MFD_CLOEXEC);
	if (copy_file < 0 || output_file < 0 || ftruncate(copy_file, (off_t)size))
		fail("no file in memory");
	copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, copy_file, 0);
	if (copy == MAP_FAILED)
		fail("no memory");
	memcpy(copy, original, size);

	struct rusage usage;
	const char *wrong = run_program(&usage);
	uint64_t undamaged = output_hash();
	if (wrong) {
		printf("FAILED: on the undamaged file the program %s\n", wrong);
		show_output();
		exit(1);
	}
	/* Else every copy would count as one whose damage was seen. */
	if (run_program(&usage) || output_hash() != undamaged) {
		printf("FAILED: on the undamaged file the program says something else each time\n");
		show_output();
		exit(1);
	}
	for (uint64_t run = number; run < options.runs; run += options.jobs) {
		if (options.only == UINT64_MAX || options.only == run)
			run_one(run, undamaged, result);
	}
}

static void parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+n:s:o:j:m:k:i:")) != -1) {
		uint64_t number = optarg ? strtoull(optarg, NULL, 0) : 0;

		switch (option) {
		case 'n':
			options.runs = number;
			break;
		case 's':
			options.seed = number;
			break;
		case 'o':
			options.only = number;
			break;
		case 'j':
			options.jobs = number ? (unsigned)number : 1;
			break;
		case 'm':
			options.memory = number;
			break;
		case 'k':
			options.keep = optarg;
			break;
		case 'i':
			options.input = optarg;
			break;
		default:
			exit(2);
		}
	}
	if (argc - optind < 2) {
		fprintf(stderr, "usage: corpus [-n RUNS] [-s SEED] [-o RUN] [-j JOBS] [-m MIB] [-k FOLDER] [-i INPUT] FILE PROGRAM ARGUMENT...\n");
		exit(2);
	}
	options.file = argv[optind];
	options.program = argv + optind + 1;
	if (options.only != UINT64_MAX && options.only >= options.runs)
		options.runs = options.only + 1;
}

int main(int argc, char **argv)
{
	struct result *results, all = { 0 };
	struct stat info;
	int file, status, failed = 0;

	parse(argc, argv);
	file = open(options.file, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &info) || info.st_size < HEADER)
		fail(options.file);
	size = (size_t)info.st_size;
	original = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
	results = mmap(NULL, options.jobs * sizeof(*results), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (original == MAP_FAILED || results == MAP_FAILED)
		fail("no memory");
	printf("%s: seed %llu, %llu damaged copies\n", options.file, (unsigned long long)options.seed, (unsigned long long)options.runs);
	fflush(stdout);
	for (unsigned i = 0; i < options.jobs; i++) {
		pid_t child = fork();

		if (child == 0) {
			job(i, &results[i]);
			exit(0);
		}
		if (child < 0)
			fail("no process");
	}
	while (wait(&status) > 0)
		failed |= status;
	for (unsigned i = 0; i < options.jobs; i++) {
		all.runs += results[i].runs;
		all.different += results[i].different;
		all.failures += results[i].failures;
		all.most_seconds = results[i].most_seconds > all.most_seconds ? results[i].most_seconds : all.most_seconds;
		all.most_memory = results[i].most_memory > all.most_memory ? results[i].most_memory : all.most_memory;
	}
	printf("%llu runs, %llu of them with another output than the undamaged file; %llu failed; at most %.2f s of processor time and %ld MiB\n",
	       (unsigned long long)all.runs, (unsigned long long)all.different, (unsigned long long)all.failures, all.most_seconds,
	       all.most_memory / 1024);
	/* Damage that nobody sees tests nothing. */
	if (all.runs >= 100 && all.different < all.runs / 4) {
		printf("FAILED: too little of the damage was seen\n");
		return 1;
	}
	return failed || all.failures || !all.runs ? 1 : 0;
}
