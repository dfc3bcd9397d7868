/* Waiting on descriptors with a deadline; see wait.h. */

#include "wait.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

int64_t imp_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t imp_now_ms(void)
{
	return imp_now_us() / 1000;
}

int64_t imp_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct imp_wait imp_wait_for(int64_t ms, int cancel_fd)
{
	return (struct imp_wait){ .deadline = imp_now_ms() + ms, .cancel_fd = cancel_fd };
}

int64_t imp_patience(int64_t ms)
{
	const char *text = getenv("IMPASSE_PATIENCE_MS");
	long long limit = text ? atoll(text) : 0;

	return limit > 0 ? limit : ms;
}

struct imp_error *imp_wait_fd(const struct imp_wait *wait, int fd, short events, bool *ready)
{
	*ready = false;
	for (;;) {
		struct pollfd fds[2] = { { .fd = wait->cancel_fd, .events = POLLIN }, { .fd = fd, .events = events } };
		int64_t left = wait->deadline - imp_now_ms();
		int found;

		if (left < 0)
			left = 0;
		if (left > 1000000)
			left = 1000000;
		found = poll(fds, 2, (int)left);
		if (found < 0 && errno != EINTR)
			return imp_error_new(IMP_ERROR_IO, "cannot wait for a descriptor: %s", strerror(errno));
		if (found > 0 && fds[0].revents)
			return imp_error_new(IMP_ERROR_INTERRUPTED, "interrupted");
		if (found > 0 && fds[1].revents) {
			*ready = true;
			return NULL;
		}
		if (found == 0 && imp_now_ms() >= wait->deadline)
			return NULL;
	}
}

struct imp_error *imp_wait_pause(const struct imp_wait *wait, int64_t ms)
{
	struct imp_wait pause = imp_wait_for(ms, wait->cancel_fd);
	bool ready;

	if (pause.deadline > wait->deadline)
		pause.deadline = wait->deadline;
	return imp_wait_fd(&pause, -1, 0, &ready);
}

int imp_wait_for_interrupts(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction action;

		/* What our parent has us ignore (nohup, a background job) would become visible by being blocked. */
		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	}
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd >= 0)
		sigprocmask(SIG_BLOCK, &set, NULL);
	return fd;
}

void imp_fd_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
