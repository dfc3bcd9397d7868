/* QEMU's command line and its start; see machine.h. */

#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"

static const struct {
	const char *name;
	const char *cpu;
} accelerators[] = {
	/* Where KVM itself runs in a virtual machine, QEMU can find IA32_ARCH_CAPABILITIES unwritable and abort (seen with 7.2); the
	 * kernel has no use for it.
	 */
	[IMP_ACCELERATOR_KVM] = { "kvm", "host,-arch-capabilities" },
	[IMP_ACCELERATOR_TCG] = { "tcg", "max" },
};

/* What does not depend on anything. Without ACPI, microvm announces its virtio windows on the kernel's command line. Paths are
 * relative: QEMU runs in the lab's folder, so that the length of its path is no matter.
 */
static const struct {
	const char *option, *value;
} fixed_options[] = {
	{ "-machine", "microvm,acpi=off,rtc=on,pit=off,pic=off,isa-serial=off" },
	{ "-nodefaults", NULL },
	{ "-no-user-config", NULL },
	{ "-display", "none" },
	{ "-no-reboot", NULL },
	{ "-action", "panic=pause" },
	{ "-device", "vmcoreinfo" },
	{ "-device", "pvpanic" },
	{ "-chardev", "file,id=log,path=" IMP_FOLDER_CONSOLE },
	{ "-device", "isa-debugcon,iobase=0x402,chardev=log" },
	{ "-chardev", "socket,id=control,path=" IMP_FOLDER_CONTROL ",server=on,wait=off" },
	{ "-device", "virtio-serial-device,max_ports=1" },
	{ "-device", "virtconsole,chardev=control" },
	{ "-device", "virtio-9p-device,fsdev=c,mount_tag=C" },
	{ "-qmp", "unix:" IMP_FOLDER_QMP ",server=on,wait=off" },
	{ "-qmp", "unix:" IMP_FOLDER_DUMP_QMP ",server=on,wait=off" },
	{ "-qmp", "unix:" IMP_FOLDER_SUPERVISOR_QMP ",server=on,wait=off" },
};

#define FIXED_COUNT    (sizeof(fixed_options) / sizeof(fixed_options[0]))
/* The program, the fixed options, the seven that depend on the machine, and the NULL. */
#define ARGUMENT_LIMIT (1 + 2 * (FIXED_COUNT + 7) + 1)

const char *imp_accelerator_name(enum imp_accelerator accelerator)
{
	return accelerators[accelerator].name;
}

/* `-fsdev` takes a comma-separated list; a comma in the path is written twice (QEMU's manual, "-fsdev"). */
static char *fsdev_argument(const char *path)
{
	static const char before[] = "local,id=c,security_model=none,path=";
	char *text = malloc(sizeof(before) + 2 * strlen(path));
	char *to;

	if (!text)
		return NULL;
	to = stpcpy(text, before);
	for (; *path; path++) {
		if (*path == ',')
			*to++ = ',';
		*to++ = *path;
	}
	*to = '\0';
	return text;
}

static void add(const char **arguments, size_t *count, const char *option, const char *value)
{
	arguments[(*count)++] = option;
	if (value)
		arguments[(*count)++] = value;
}

/* Whether each emulated processor gets a thread of its own. Where the host has too few processors for that, one that is not being run
 * holds the lock for which the others spin: 64 threads through every kind of lock took more than 30 s with four processors on two of
 * the host's, and 2.3 s with the processors taking turns in one thread (they do so when one waits in a loop, too).
 */
static bool emulates_in_threads(const struct imp_machine *machine)
{
	cpu_set_t usable;

	return machine->cpus > 1 && sched_getaffinity(0, sizeof(usable), &usable) == 0 && (unsigned)CPU_COUNT(&usable) > machine->cpus;
}

/* Keeps a machine emulated in one thread on the host's processor where it starts. Its threads take turns anyway: the guest waits
 * for the thread that serves it, and that one for its worker. A wake-up on the same processor is a switch, on another it may have to
 * be roused from its sleep, which virtual hosts do slowly (1000 files: 0.95 s spread, 0.6 s together). Failing that, nothing is lost.
 */
static void stay_on_one_processor(void)
{
	cpu_set_t here;
	int cpu = sched_getcpu();

	if (cpu < 0)
		return;
	CPU_ZERO(&here);
	CPU_SET((size_t)cpu, &here);
	sched_setaffinity(0, sizeof(here), &here);
}

/* In the child: becomes QEMU, or writes errno to `report_fd`. */
static _Noreturn void run(const char *program, const char *const *arguments, bool one_processor, pid_t parent, int report_fd)
{
	sigset_t none;
	int problem;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* A limit on file sizes is to fail the write of a dump or a log, not to kill the machine. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	if (one_processor)
		stay_on_one_processor();
	execvp(program, (char *const *)arguments);
	problem = errno;
	if (write(report_fd, &problem, sizeof(problem)) < 0)
		_exit(126);
	_exit(127);
}

/* The kernel's command line: what it is told beside the machine; QEMU adds where the devices are. */
static void kernel_options(const struct imp_machine *machine, char *line, size_t size)
{
	char seed[32] = "";

	if (machine->seeded)
		snprintf(seed, sizeof(seed), "impasse.seed=%u ", machine->seed);
	snprintf(line, size, "%s%s", seed, machine->special_pool ? "impasse.special_pool" : "");
}

struct imp_error *imp_machine_start(const struct imp_machine *machine, enum imp_accelerator accelerator, pid_t *pid)
{
	const char *program = getenv("IMPASSE_QEMU");
	const char *arguments[ARGUMENT_LIMIT];
	char memory[16], cpus[16], line[64];
	char *fsdev = fsdev_argument(machine->c);
	size_t count = 0;
	int report[2];
	int problem = 0;
	ssize_t got;
	pid_t parent = getpid();
	bool tcg = accelerator == IMP_ACCELERATOR_TCG, threads = tcg && emulates_in_threads(machine);

	if (!fsdev)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for QEMU's command line");
	if (!program || !*program)
		program = "qemu-system-x86_64";
	snprintf(memory, sizeof(memory), "%uM", machine->memory);
	snprintf(cpus, sizeof(cpus), "%u", machine->cpus);
	kernel_options(machine, line, sizeof(line));
	arguments[count++] = program;
	for (size_t i = 0; i < FIXED_COUNT; i++)
		add(arguments, &count, fixed_options[i].option, fixed_options[i].value);
	add(arguments, &count, "-accel", tcg ? threads ? "tcg,thread=multi" : "tcg,thread=single" : accelerators[accelerator].name);
	add(arguments, &count, "-cpu", accelerators[accelerator].cpu);
	add(arguments, &count, "-smp", cpus);
	add(arguments, &count, "-m", memory);
	add(arguments, &count, "-kernel", machine->image);
	add(arguments, &count, "-fsdev", fsdev);
	if (*line)
		add(arguments, &count, "-append", line);
	arguments[count] = NULL;

	if (pipe2(report, O_CLOEXEC) < 0) {
		free(fsdev);
		return imp_error_new(IMP_ERROR_IO, "cannot make a pipe: %s", strerror(errno));
	}
	*pid = fork();
	if (*pid == 0)
		run(program, arguments, tcg && !threads, parent, report[1]);
	problem = *pid < 0 ? errno : 0;
	close(report[1]);
	do
		got = *pid < 0 ? 0 : read(report[0], &problem, sizeof(problem));
	while (got < 0 && errno == EINTR);
	close(report[0]);
	free(fsdev);
	if (got != sizeof(problem) && *pid > 0)
		return NULL;
	if (*pid > 0)
		waitpid(*pid, NULL, 0);
	*pid = 0;
	return imp_error_new(IMP_ERROR_IO, "cannot run %s: %s%s", program, strerror(problem),
			     problem == ENOENT ? " (the Debian package is qemu-system-x86; IMPASSE_QEMU can name another program)" : "");
}
