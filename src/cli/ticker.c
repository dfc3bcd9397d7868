/* Progress on the terminal, by a timer: see ticker.h. Only what a signal handler may call is called from it. */
#include "cli/ticker.h"

#include "base/printable.h"
#include "base/watch.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { LINE_SIZE = 160, WHAT_WIDTH = 48 };

static const char *ticker_what;
static unsigned seconds;
static volatile bool shown;

static size_t add_text(char *line, size_t length, const char *text, size_t most)
{
	size_t room = LINE_SIZE - length;

	imp_copy_printable(text, line + length, most + 1 < room ? most + 1 : room);
	return length + strlen(line + length);
}

static size_t add_number(char *line, size_t length, unsigned number)
{
	char digits[12];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
	} while ((number /= 10) && at);
	return add_text(line, length, digits + at, sizeof(digits));
}

static void on_second(int signal)
{
	static const char erase[] = "\r\033[K";
	char line[LINE_SIZE];
	const char *part;
	unsigned percent;
	int error = errno;
	size_t length = sizeof(erase) - 1;

	(void)signal;
	memcpy(line, erase, length);
	length = add_text(line, length, ticker_what, WHAT_WIDTH);
	if (imp_watch_progress_get(&part, &percent)) {
		length = add_text(line, length, ": ", 2);
		length = add_text(line, length, part, WHAT_WIDTH);
		length = add_text(line, length, " ", 1);
		length = add_number(line, length, percent);
		length = add_text(line, length, "%", 1);
	}
	length = add_text(line, length, ", ", 2);
	length = add_number(line, length, ++seconds);
	length = add_text(line, length, " s (Ctrl-C stops it)", LINE_SIZE);
	shown = write(STDERR_FILENO, line, length) > 0;
	errno = error;
}

static void set_timer(long every)
{
	const struct itimerval timer = { { every, 0 }, { every, 0 } };

	setitimer(ITIMER_REAL, &timer, NULL);
}

void imp_ticker_start(const char *what)
{
	struct sigaction action = { .sa_handler = on_second, .sa_flags = SA_RESTART };

	if (!isatty(STDERR_FILENO))
		return;
	ticker_what = what;
	seconds = 0;
	shown = false;
	sigaction(SIGALRM, &action, NULL);
	set_timer(1);
}

void imp_ticker_stop(void)
{
	static const char erase[] = "\r\033[K";

	imp_watch_progress_end();
	if (!isatty(STDERR_FILENO))
		return;
	set_timer(0);
	if (shown && write(STDERR_FILENO, erase, sizeof(erase) - 1) < 0)
		shown = false;
}
