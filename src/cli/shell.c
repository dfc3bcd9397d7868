/* Starting the shell: see process.h. */
#include "cli/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>

static void become_shell(const char *command, int input, int output)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(input, STDIN_FILENO) < 0 || (output >= 0 && dup2(output, STDOUT_FILENO) < 0))
		_exit(IMP_SHELL_NOT_FOUND);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(IMP_SHELL_NOT_FOUND);
}

pid_t imp_shell_start(const char *command, int input, int output, int *end)
{
	int ends[2] = { -1, -1 };
	pid_t process;

	if (input < 0 && pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	process = fork();
	if (!process)
		become_shell(command, input < 0 ? ends[0] : input, output);
	if (input >= 0)
		return process;
	close(ends[0]);
	if (process < 0)
		close(ends[1]);
	else
		*end = ends[1];
	return process;
}

int imp_shell_wait(pid_t process)
{
	int status;

	while (waitpid(process, &status, 0) < 0) {
		if (errno != EINTR)
			return IMP_SHELL_NOT_FOUND;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
