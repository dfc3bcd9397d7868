/* Processes by number and start time; see process.h. */

#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct imp_process imp_process_of(pid_t pid)
{
	struct imp_process process = { 0 };
	IMP_CLEANUP_FD int fd = -1;
	char path[32];
	char text[1024];
	char *rest;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (pid <= 0 || got <= 0)
		return process;
	text[got] = '\0';
	/* The second field is the program's name in parentheses and may itself hold blanks and parentheses. */
	rest = strrchr(text, ')');
	if (!rest || rest[1] != ' ' || rest[2] == 'Z' || rest[2] == 'X')
		return process;
	rest += 2;
	for (int field = 3; field < 22 && rest; field++) {
		rest = strchr(rest, ' ');
		if (rest)
			rest++;
	}
	if (!rest)
		return process;
	process.pid = pid;
	process.start = strtoull(rest, NULL, 10);
	return process;
}

bool imp_process_alive(const struct imp_process *process)
{
	struct imp_process now = imp_process_of(process->pid);

	return now.pid && now.start == process->start;
}

/* A descriptor for exactly this process, -1 when it has ended. */
static int open_process(const struct imp_process *process)
{
	int fd = process->pid > 0 ? (int)syscall(SYS_pidfd_open, process->pid, 0) : -1;

	if (fd >= 0 && !imp_process_alive(process)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void imp_process_signal(const struct imp_process *process, int signal)
{
	IMP_CLEANUP_FD int fd = open_process(process);

	if (fd >= 0)
		syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
}

struct imp_error *imp_process_wait(const struct imp_process *process, const struct imp_wait *wait, bool *ended)
{
	IMP_CLEANUP_FD int fd = open_process(process);

	*ended = fd < 0;
	return *ended ? NULL : imp_wait_fd(wait, fd, POLLIN, ended);
}
