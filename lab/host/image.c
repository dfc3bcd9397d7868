/* Finding impasse-lab.elf; see image.h. */

#include "image.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IMAGE_NAME "impasse-lab.elf"

/* The folder of the running program, "." when the system does not tell. */
static void program_folder(char *folder, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", folder, size - 1);
	char *slash;

	folder[length < 0 ? 0 : length] = '\0';
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	else
		snprintf(folder, size, ".");
}

struct imp_error *imp_lab_image_find(char **path)
{
	const char *named = getenv("IMPASSE_LAB_IMAGE");
	char folder[PATH_MAX];
	char candidates[3][PATH_MAX + 64];

	*path = NULL;
	if (named && *named) {
		*path = realpath(named, NULL);
		return *path ? NULL : imp_error_new(IMP_ERROR_NOT_FOUND, "no lab image at %s (IMPASSE_LAB_IMAGE)", named);
	}
	program_folder(folder, sizeof(folder));
	snprintf(candidates[0], sizeof(candidates[0]), "%s/lab/" IMAGE_NAME, folder);
	snprintf(candidates[1], sizeof(candidates[1]), "%s/../share/impasse/lab/" IMAGE_NAME, folder);
	snprintf(candidates[2], sizeof(candidates[2]), IMPASSE_DATADIR "/lab/" IMAGE_NAME);
	for (size_t i = 0; i < 3 && !*path; i++)
		*path = realpath(candidates[i], NULL);
	if (*path)
		return NULL;
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no lab image: looked for %s, %s and %s; IMPASSE_LAB_IMAGE can name it", candidates[0],
			     candidates[1], candidates[2]);
}
