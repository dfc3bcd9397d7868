/* The work of the event driver as a plain program does it on the host: FOLDER/file_N.txt, 1000 files of 100 writes of 15 bytes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const char line[] = "Hello, World!\r\n";
	char path[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: plain_files FOLDER\n");
		return 2;
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "%s/file_%d.txt", argv[1], i);
		int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
		if (file < 0) {
			fprintf(stderr, "plain_files: %s: %s\n", path, strerror(errno));
			return 1;
		}
		for (int j = 0; j < 100; j++) {
			if (write(file, line, sizeof(line) - 1) != (ssize_t)(sizeof(line) - 1)) {
				fprintf(stderr, "plain_files: %s: %s\n", path, strerror(errno));
				return 1;
			}
		}
		close(file);
	}
	return 0;
}
