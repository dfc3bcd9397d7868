/* `impasse lab log`: the kernel's console, also of a lab that has ended; -f follows it. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

#define FOLLOW_MS 100

/* What a driver prints must not drive the reader's terminal. */
static void disarm(char *bytes, ssize_t count)
{
	for (ssize_t i = 0; i < count; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if ((byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') || byte == 0x7f)
			bytes[i] = '?';
	}
}

/* Prints everything from `at` on, which it moves; a file that has become shorter is a new machine's and starts again. */
static struct imp_error *print_from(const struct imp_lab *lab, off_t *at)
{
	IMP_CLEANUP_FD int fd = lab->folder.fd < 0 ? -1 : openat(lab->folder.fd, IMP_FOLDER_CONSOLE, O_RDONLY | O_CLOEXEC);
	bool terminal = isatty(STDOUT_FILENO);
	char bytes[16384];
	ssize_t got;

	if (fd < 0)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no console log in %s: no lab has run there", lab->folder.path);
	if (lseek(fd, 0, SEEK_END) < *at)
		*at = 0;
	while ((got = pread(fd, bytes, sizeof(bytes), *at)) > 0) {
		*at += got;
		if (terminal)
			disarm(bytes, got);
		fwrite(bytes, 1, (size_t)got, stdout);
	}
	if (got < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot read %s/" IMP_FOLDER_CONSOLE ": %s", lab->folder.path, strerror(errno));
	if (fflush(stdout) != 0)
		return imp_error_new(IMP_ERROR_IO, "cannot write the log: %s", strerror(errno));
	return NULL;
}

struct imp_error *imp_lab_log(int argc, char **argv, int *exit_code)
{
	static const struct option options[] = { { "follow", no_argument, NULL, 'f' }, { 0 } };
	IMP_CLEANUP_LAB struct imp_lab lab = { .folder.fd = -1 };
	struct imp_error *err;
	bool follow = false;
	off_t at = 0;
	int option;

	(void)exit_code;
	optind = 0;
	while ((option = getopt_long(argc, argv, "+f", options, NULL)) != -1) {
		if (option != 'f')
			return imp_lab_bad_option(argv);
		follow = true;
	}
	if (optind < argc)
		return imp_error_new(IMP_ERROR_USAGE, "log takes no argument %s", argv[optind]);
	err = imp_lab_open(false, &lab);
	if (!err)
		err = print_from(&lab, &at);
	while (!err && follow && imp_process_alive(&lab.state.qemu)) {
		struct imp_wait pause = imp_wait_for(FOLLOW_MS, -1);

		err = imp_wait_pause(&pause, FOLLOW_MS);
		if (!err)
			err = print_from(&lab, &at);
	}
	return err;
}
