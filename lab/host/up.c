/* `impasse lab up`: prepares the folder and C:, starts the supervisor and waits until it says that the kernel is ready. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "image.h"
#include "kept_symbols.h"
#include "line.h"
#include "supervisor.h"
#include "units.h"

#define MEMORY_DEFAULT 256
#define MEMORY_MIN     64
#define MEMORY_MAX     65536
#define CPUS_MAX       8 /* the kernel's KI_MAXIMUM_PROCESSORS */
/* Both accelerators' patience and some more; the supervisor gives up by itself earlier. */
#define READY_MS       90000
#define UNDO_MS        15000
#define KERNEL_FILE    "ntoskrnl.exe"

struct up {
	struct imp_supervisor_options options;
	const char *c; /* as given, NULL: the default */
	bool json;
};

static struct imp_error *parse_number(const char *option, const char *text, unsigned long min, unsigned long max, unsigned *value)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number < min || number > max)
		return imp_error_new(IMP_ERROR_USAGE, "%s takes a number from %lu to %lu, not %s", option, min, max, text);
	*value = (unsigned)number;
	return NULL;
}

static struct imp_error *parse_accelerator(const char *text, enum imp_accelerator_choice *choice)
{
	static const struct {
		const char *text;
		enum imp_accelerator_choice choice;
	} choices[] = { { "kvm", IMP_CHOOSE_KVM }, { "tcg", IMP_CHOOSE_TCG }, { "kvm,tcg", IMP_CHOOSE_BOTH } };

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		if (strcmp(text, choices[i].text) == 0) {
			*choice = choices[i].choice;
			return NULL;
		}
	}
	return imp_error_new(IMP_ERROR_USAGE, "--accel takes kvm, tcg or kvm,tcg; not %s", text);
}

static struct imp_error *parse(int argc, char **argv, struct up *up)
{
	static const struct option options[] = {
		{ "memory", required_argument, NULL, 'm' }, { "c", required_argument, NULL, 'c' },
		{ "accel", required_argument, NULL, 'a' },  { "cpus", required_argument, NULL, 'p' },
		{ "seed", required_argument, NULL, 's' },   { "special-pool", no_argument, NULL, 'o' },
		{ "json", no_argument, NULL, 'j' },         { 0 },
	};
	struct imp_error *err = NULL;
	int option;

	*up = (struct up){ .options.machine = { .memory = MEMORY_DEFAULT, .cpus = 1 } };
	optind = 0;
	while (!err && (option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 'm':
			err = parse_number("--memory", optarg, MEMORY_MIN, MEMORY_MAX, &up->options.machine.memory);
			break;
		case 'p':
			err = parse_number("--cpus", optarg, 1, CPUS_MAX, &up->options.machine.cpus);
			break;
		case 's':
			err = parse_number("--seed", optarg, 0, UINT_MAX, &up->options.machine.seed);
			up->options.machine.seeded = true;
			break;
		case 'c':
			up->c = optarg;
			break;
		case 'a':
			err = parse_accelerator(optarg, &up->options.accelerator);
			break;
		case 'o':
			up->options.machine.special_pool = true;
			break;
		case 'j':
			up->json = true;
			break;
		default:
			err = imp_lab_bad_option(argv);
		}
	}
	if (!err && up->options.machine.seeded && up->options.machine.cpus > 1)
		err = imp_error_new(IMP_ERROR_USAGE, "--seed makes the schedule of one processor repeatable, not of %u; leave out --cpus",
				    up->options.machine.cpus);
	if (!err && optind < argc)
		err = imp_error_new(IMP_ERROR_USAGE, "lab up takes no argument %s", argv[optind]);
	return err;
}

/* The folder that is C:, absolute and allocated. The default one gets the folders that every Windows volume has. */
static struct imp_error *prepare_c(const struct imp_folder *folder, const char *given, char **c)
{
	static const char *const made[] = { "c", "c/Temp", "c/Windows", "c/Windows/System32", "c/Windows/System32/drivers" };
	struct stat info;

	*c = NULL;
	if (!given) {
		for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
			if (mkdirat(folder->fd, made[i], 0700) < 0 && errno != EEXIST)
				return imp_error_new(IMP_ERROR_IO, "cannot make %s/%s: %s", folder->path, made[i], strerror(errno));
		}
		if (asprintf(c, "%s/c", folder->path) < 0)
			return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for the path of C:");
		return NULL;
	}
	*c = realpath(given, NULL);
	if (!*c || stat(*c, &info) < 0)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "cannot take %s as C:: %s", given, strerror(errno));
	if (!S_ISDIR(info.st_mode))
		return imp_error_new(IMP_ERROR_USAGE, "cannot take %s as C:: it is no folder", given);
	return NULL;
}

/* Starts the supervisor as a daemon; `report_fd` is our end of its report socket. */
static struct imp_error *start_supervisor(struct imp_folder *folder, const struct imp_supervisor_options *options, int lock_fd, int *report_fd)
{
	int pair[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot make a socket: %s", strerror(errno));
	fflush(NULL);
	child = fork();
	if (child == 0) {
		setsid();
		if (fork() == 0)
			imp_supervisor_run(folder, options, pair[1], lock_fd);
		_exit(0);
	}
	close(pair[1]);
	*report_fd = pair[0];
	if (child < 0) {
		close(pair[0]);
		return imp_error_new(IMP_ERROR_IO, "cannot start the supervisor: %s", strerror(errno));
	}
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return NULL;
}

/* Has the supervisor undo everything and waits until it is gone. */
static void call_off(struct imp_line_reader *reader)
{
	struct imp_wait wait = imp_wait_for(UNDO_MS, -1);
	struct imp_error *err = NULL;
	char *line = NULL;

	shutdown(reader->fd, SHUT_WR);
	do
		err = imp_line_read(reader, &wait, &line);
	while (!err && line);
	imp_error_free(err);
}

/* Reads the supervisor's report to its end. */
static struct imp_error *await_ready(const struct imp_folder *folder, int report_fd)
{
	int interrupts = imp_wait_for_interrupts();
	struct imp_wait wait = imp_wait_for(READY_MS, interrupts);
	struct imp_line_reader reader;
	struct imp_error *err = NULL;
	bool ready = false;

	imp_line_reader_init(&reader, report_fd, "the lab's supervisor", 65536);
	while (!err && !ready) {
		char *line;

		err = imp_line_read(&reader, &wait, &line);
		if (!err && !line)
			err = imp_error_new(IMP_ERROR_IO, "the lab's supervisor says nothing; see %s/" IMP_FOLDER_SUPERVISOR_LOG, folder->path);
		else if (!err && strncmp(line, IMP_REPORT_NOTE, strlen(IMP_REPORT_NOTE)) == 0)
			fprintf(stderr, "lab up: %s\n", line + strlen(IMP_REPORT_NOTE));
		else if (!err && strncmp(line, IMP_REPORT_ERROR, strlen(IMP_REPORT_ERROR)) == 0)
			err = imp_error_new(IMP_ERROR_IO, "%s", line + strlen(IMP_REPORT_ERROR));
		else if (!err)
			ready = strcmp(line, IMP_REPORT_READY) == 0;
	}
	if (err)
		call_off(&reader);
	imp_line_reader_free(&reader);
	if (interrupts >= 0)
		close(interrupts);
	return err;
}

/* The kernel that the image carries stands beside it, with its PDB. */
static void keep_kernel_symbols(const struct imp_folder *folder, const char *image)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%.*s" KERNEL_FILE, (int)(strrchr(image, '/') + 1 - image), image) < (int)sizeof(path))
		imp_keep_symbols(folder, path);
}

static void announce(const struct imp_state *state)
{
	char ready[IMP_UNITS_SIZE], boot[IMP_UNITS_SIZE];

	printf("The lab is running under %s: %u MiB, %s, ready in %s (its kernel's part %s).\nC: is %s\n",
	       strcmp(state->accelerator, "kvm") == 0 ? "KVM" : "QEMU's own emulation", state->memory,
	       *state->kernel ? state->kernel : "kernel of unknown build", imp_units_duration(state->ready_us, ready),
	       imp_units_duration(state->boot_us, boot), state->c);
}

struct imp_error *imp_lab_up(int argc, char **argv, int *exit_code)
{
	IMP_CLEANUP_LAB struct imp_lab lab = { .folder.fd = -1 };
	IMP_CLEANUP_FD int lock = -1, report = -1;
	struct imp_wait wait = imp_wait_for(1000, -1);
	struct imp_error *err;
	char *image = NULL, *c = NULL;
	struct up up;

	(void)exit_code;
	err = parse(argc, argv, &up);
	if (!err)
		err = imp_lab_image_find(&image);
	if (!err)
		err = imp_lab_open(true, &lab);
	if (!err)
		err = imp_folder_lock(&lab.folder, IMP_FOLDER_LOCK, &wait, &lock);
	if (!err) {
		/* Only now nobody else can start one. */
		imp_lab_close(&lab);
		err = imp_lab_open_locked(&lab);
	}
	if (!err && lab.running)
		err = imp_error_new(IMP_ERROR_USAGE, "a lab is already running in %s (QEMU is process %ld); `impasse lab down` ends it",
				    lab.folder.path, (long)lab.state.qemu.pid);
	if (!err)
		err = prepare_c(&lab.folder, up.c, &c);
	if (!err) {
		up.options.machine.image = image;
		up.options.machine.c = c;
		/* A new machine has no services yet, and its first bugcheck is not the last machine's. */
		unlinkat(lab.folder.fd, IMP_FOLDER_SERVICES, 0);
		err = start_supervisor(&lab.folder, &up.options, lock, &report);
	}
	if (!err)
		err = await_ready(&lab.folder, report);
	if (!err)
		keep_kernel_symbols(&lab.folder, image);
	free(image);
	free(c);
	if (err)
		return err;
	imp_lab_close(&lab);
	err = imp_lab_open_running(&lab);
	if (!err && up.json)
		err = imp_lab_status_json(&lab);
	else if (!err)
		announce(&lab.state);
	return err;
}
