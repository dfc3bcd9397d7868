/* Catching a command's result, and showing it: see output.h. Results are whole when they come, so they are caught in memory and not piped: their
 * length decides about the pager.
 */
#include "cli/output.h"

#include "cli/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without a pager that is named, less when it is there. -F is of no use to what is longer than the screen; -R lets colours through, -X leaves the
 * text on the screen.
 */
static const char default_pager[] = "command -v less >/dev/null && exec less -FRX; exec cat";

void imp_output_start(struct imp_output *output, enum imp_when colour)
{
	const char *none, *term;

	/* For a $PAGER that is less without options, as git does. */
	setenv("LESS", "FRX", false);
	none = getenv("NO_COLOR");
	term = getenv("TERM");
	*output = (struct imp_output){ .pager = true, .text = -1, .errors = -1, .input = -1 };
	output->terminal = isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
	output->colour = colour == IMP_WHEN_ALWAYS || (colour == IMP_WHEN_AUTO && output->terminal && !(none && *none));
}

void imp_output_end(struct imp_output *output)
{
	imp_output_log_close(output);
}

void imp_output_log_close(struct imp_output *output)
{
	if (output->log)
		fclose(output->log);
	output->log = NULL;
}

struct imp_error *imp_output_log(struct imp_output *output, const char *path, bool append)
{
	FILE *log;

	if (strlen(path) >= sizeof(output->log_path))
		return imp_error_new(IMP_ERROR_USAGE, "the name of the log file is too long");
	log = fopen(path, append ? "ae" : "we");
	if (!log)
		return imp_error_new(IMP_ERROR_IO, "cannot write the log file %s: %s", path, strerror(errno));
	imp_output_log_close(output);
	output->log = log;
	strcpy(output->log_path, path);
	return NULL;
}

void imp_output_log_input(struct imp_output *output, const char *prompt, const char *command)
{
	if (output->log) {
		fprintf(output->log, "%s%s\n", prompt, command);
		fflush(output->log);
	}
}

struct imp_error *imp_output_begin(struct imp_output *output, const char *shell, int *text, int *errors)
{
	bool caught = output->log || (output->terminal && output->pager);

	fflush(stdout);
	if (caught) {
		output->text = memfd_create("result", MFD_CLOEXEC);
		output->errors = memfd_create("errors", MFD_CLOEXEC);
	}
	*text = output->text >= 0 ? output->text : STDOUT_FILENO;
	*errors = output->errors >= 0 ? output->errors : STDERR_FILENO;
	if (!shell)
		return NULL;
	output->shell = imp_shell_start(shell, -1, *text, &output->input);
	if (output->shell < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot start a shell for '%s': %s", shell, strerror(errno));
	*text = output->input;
	return NULL;
}

/* The lines that `size` bytes take on a screen of `columns`; colours take no room. */
static size_t count_lines(const char *text, size_t size, unsigned columns)
{
	size_t lines = 0, column = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n') {
			lines++;
			column = 0;
		} else if (text[i] == '\033') {
			while (i < size && text[i] != 'm')
				i++;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80 && ++column > columns) {
			lines++;
			column = 1;
		}
	}
	return lines + (column > 0);
}

static bool longer_than_screen(const char *text, size_t size)
{
	struct winsize screen = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &screen) < 0 || !screen.ws_row || !screen.ws_col)
		return false;
	/* The prompt takes a line too. */
	return count_lines(text, size, screen.ws_col) >= screen.ws_row;
}

static bool write_all(int to, const char *text, size_t size)
{
	while (size) {
		ssize_t part = write(to, text, size);

		if (part < 0 && errno != EINTR)
			return false;
		if (part > 0) {
			text += part;
			size -= (size_t)part;
		}
	}
	return true;
}

/* Shows the text of `file` in a pager. Returns false when there is none. */
static bool show_in_pager(int file)
{
	const char *pager = getenv("IMPASSE_PAGER");
	pid_t process;

	if (!pager)
		pager = getenv("PAGER");
	if (!pager)
		pager = default_pager;
	if (!*pager || !strcmp(pager, "cat") || lseek(file, 0, SEEK_SET) < 0)
		return false;
	process = imp_shell_start(pager, file, -1, NULL);
	return process >= 0 && imp_shell_wait(process) != IMP_SHELL_NOT_FOUND;
}

static void log_text(FILE *log, const char *text, size_t size)
{
	for (size_t i = 0; log && i < size; i++) {
		if (text[i] == '\033') {
			while (i < size && text[i] != 'm')
				i++;
			continue;
		}
		fputc(text[i], log);
	}
	if (log)
		fflush(log);
}

/* Shows what is in `*file`, and closes it. */
static bool show(struct imp_output *output, int *file, int to)
{
	struct stat info;
	char *text = NULL;
	bool shown = true;

	if (*file < 0)
		return true;
	if (fstat(*file, &info) < 0)
		info.st_size = 0;
	if (info.st_size > 0) {
		text = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, *file, 0);
		shown = text != MAP_FAILED;
	}
	if (shown && text) {
		log_text(output->log, text, (size_t)info.st_size);
		if (!(to == STDOUT_FILENO && output->terminal && output->pager && longer_than_screen(text, (size_t)info.st_size) &&
		      show_in_pager(*file)))
			shown = write_all(to, text, (size_t)info.st_size);
		munmap(text, (size_t)info.st_size);
	}
	close(*file);
	*file = -1;
	return shown;
}

bool imp_output_finish(struct imp_output *output, bool *failed)
{
	bool shown;

	if (output->input >= 0) {
		close(output->input);
		output->input = -1;
		*failed |= imp_shell_wait(output->shell) != 0;
	}
	shown = show(output, &output->text, STDOUT_FILENO);
	return show(output, &output->errors, STDERR_FILENO) && shown;
}
