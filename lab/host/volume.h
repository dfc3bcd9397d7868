/* The volume C: seen from the host: Windows paths to files inside the folder that is C:, whatever the case of their letters, and
 * never to anything outside it.
 */
#ifndef IMP_HOST_VOLUME_H
#define IMP_HOST_VOLUME_H

#include <stdbool.h>

#include "winerror.h"

/* Longest path that we handle, in bytes. */
#define IMP_VOLUME_PATH_MAX 1024

enum imp_path_kind {
	IMP_PATH_WINDOWS, /* on C:; `nt` holds it */
	IMP_PATH_HOST,    /* a file of the host */
	IMP_PATH_INVALID, /* neither; `error` says how */
};

struct imp_volume_path {
	enum imp_path_kind kind;
	char nt[IMP_VOLUME_PATH_MAX]; /* canonical: \??\C:\...  */
	enum imp_winerror error;
};

/* Reads a driver's path as CreateService takes it: `C:\...`, `\??\C:\...`, `\SystemRoot\...`, `%SystemRoot%\...`, or relative to the
 * Windows folder; or a path of the host, which is one with a `/` in it, or the name of a file that is there.
 */
void imp_volume_parse(const char *text, struct imp_volume_path *path);

/* Opens the file at `nt` (as imp_volume_parse makes it) in the folder `c` for reading. Symbolic links are not followed.
 * 0 and a descriptor, or a Windows error code: 2 no such file, 3 no such folder on the way, 5 not a regular file.
 */
enum imp_winerror imp_volume_open(const char *c, const char *nt, int *fd);

/* Puts a copy of the host's file `from` into C:\Windows\System32\drivers under its own name, in place of a driver of that name, and
 * makes the folders that are missing. `nt` receives its path; `replaced` whether there was one. 0 or a Windows error code:
 * 80 when a file has that name which is no driver image.
 */
enum imp_winerror imp_volume_copy_driver(const char *c, const char *from, char nt[IMP_VOLUME_PATH_MAX], bool *replaced);

#endif
