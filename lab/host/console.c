/* Reading the console log; see console.h. */

#include "console.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The blue screen is the last thing that a kernel writes. */
#define TAIL_SIZE 65536

void imp_console_find_bugcheck(const struct imp_folder *folder, struct imp_bugcheck *bugcheck)
{
	static const char mark[] = "*** STOP: ";
	static char tail[TAIL_SIZE + 1];
	IMP_CLEANUP_FD int fd = openat(folder->fd, IMP_FOLDER_CONSOLE, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	ssize_t got = end < 0 ? -1 : pread(fd, tail, TAIL_SIZE, end > TAIL_SIZE ? end - TAIL_SIZE : 0);

	if (got <= 0)
		return;
	/* A NUL on the console must not hide what follows it. */
	for (ssize_t i = 0; i < got; i++) {
		if (!tail[i])
			tail[i] = ' ';
	}
	tail[got] = '\0';
	for (const char *line = tail; (line = strstr(line, mark)); line += sizeof(mark) - 1) {
		struct imp_bugcheck found = { .happened = true };

		/* %p of a kernel may or may not write 0x; scanf's %x takes both. */
		if (sscanf(line + sizeof(mark) - 1, "%" SCNx32 " (%" SCNx64 ",%" SCNx64 ",%" SCNx64 ",%" SCNx64, &found.code, &found.parameters[0],
			   &found.parameters[1], &found.parameters[2], &found.parameters[3]) == 5)
			*bugcheck = found;
	}
}
