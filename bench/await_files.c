/* Returns when FOLDER has file_0.txt ... file_999.txt of 1500 bytes each: the moment at which the event driver's work is complete on
 * the host. The driver makes them one after another, so that the last one's size says when to look at the others.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

enum { FILES = 1000, BYTES = 1500, PATIENCE_S = 60 };

static int is_complete(const char *folder, int number)
{
	char path[4096];
	struct stat found;

	snprintf(path, sizeof(path), "%s/file_%d.txt", folder, number);
	return stat(path, &found) == 0 && found.st_size == BYTES;
}

int main(int argc, char **argv)
{
	/* A look costs some microseconds: what is measured is longer by a thousandth at most. */
	const struct timespec pause = { .tv_nsec = 200000 };
	time_t end = time(NULL) + PATIENCE_S;

	if (argc != 2) {
		fprintf(stderr, "usage: await_files FOLDER\n");
		return 2;
	}
	while (!is_complete(argv[1], FILES - 1)) {
		if (time(NULL) > end) {
			fprintf(stderr, "await_files: no file_%d.txt of %d bytes in %s after %d s\n", FILES - 1, BYTES, argv[1], PATIENCE_S);
			return 1;
		}
		nanosleep(&pause, NULL);
	}
	for (int i = 0; i < FILES; i++) {
		if (!is_complete(argv[1], i)) {
			fprintf(stderr, "await_files: %s/file_%d.txt is not there, or has not %d bytes\n", argv[1], i, BYTES);
			return 1;
		}
	}
	return 0;
}
