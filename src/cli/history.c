/* The history's file: see history.h. */
#include "cli/history.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_SIZE = 1000 };

/* XDG_STATE_HOME/impasse/history, with the folders made; false when there is no home. */
static bool history_path(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	/* The specification has relative paths ignored. */
	if (state && *state == '/')
		snprintf(path, size, "%s/impasse/history", state);
	else if (home && *home)
		snprintf(path, size, "%s/.local/state/impasse/history", home);
	else
		return false;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return true;
}

static History *load(const char *path)
{
	History *past = history_init();
	HistEvent event;

	if (!past)
		return NULL;
	history(past, &event, H_SETSIZE, HISTORY_SIZE);
	history(past, &event, H_SETUNIQUE, 1);
	if (path)
		history(past, &event, H_LOAD, path);
	return past;
}

History *imp_history_new(void)
{
	char path[PATH_MAX];

	return load(history_path(path, sizeof(path)) ? path : NULL);
}

void imp_history_add(History *past, const char *line)
{
	char path[PATH_MAX];
	HistEvent event;
	int file;

	history(past, &event, H_ENTER, line);
	if (!history_path(path, sizeof(path)))
		return;
	/* libedit writes the whole file: what others have added must be read before, and nobody may write in between. */
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		return;
	if (flock(file, LOCK_EX) == 0) {
		History *all = load(path);

		if (all) {
			history(all, &event, H_ENTER, line);
			history(all, &event, H_SAVE, path);
			history_end(all);
		}
	}
	close(file);
}
