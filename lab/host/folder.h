/* The lab's folder: where it is, the files and sockets inside it, and the locks that keep commands from treading on each other.
 * Everything inside is reached through a descriptor, so that the length of the path does not matter (Unix socket addresses hold
 * 108 bytes). Not responsible for what the files say.
 */
#ifndef IMP_HOST_FOLDER_H
#define IMP_HOST_FOLDER_H

#include <jansson.h>
#include <stdbool.h>

#include "wait.h"

/* Names inside the folder. */
#define IMP_FOLDER_STATE          "state.json"
#define IMP_FOLDER_SERVICES       "services.json"
#define IMP_FOLDER_CONSOLE        "console.log"
#define IMP_FOLDER_SUPERVISOR_LOG "supervisor.log"
#define IMP_FOLDER_DUMP           "MEMORY.DMP"
#define IMP_FOLDER_SYMBOLS        "symbols" /* a symbol store */
#define IMP_FOLDER_CONTROL        "control.sock"
#define IMP_FOLDER_QMP            "qmp.sock"
#define IMP_FOLDER_DUMP_QMP       "dump.sock" /* a monitor of its own: a dump takes long */
#define IMP_FOLDER_SUPERVISOR_QMP "supervisor.sock"
/* Locks: who starts or stops the lab; who talks to the kernel; who talks to QEMU; who takes a dump; who changes the services. */
#define IMP_FOLDER_LOCK           "lab.lock"
#define IMP_FOLDER_CONTROL_LOCK   "control.lock"
#define IMP_FOLDER_QMP_LOCK       "qmp.lock"
#define IMP_FOLDER_DUMP_LOCK      "dump.lock"
#define IMP_FOLDER_SERVICES_LOCK  "services.lock"

struct imp_folder {
	int fd;     /* O_PATH; -1 when the folder does not exist */
	char *path; /* absolute, for messages and for QEMU */
};

/* Opens $IMPASSE_LAB, or ./.impasse; with `create` it is made (mode 0700) if it is missing. Without `create` a missing folder is no
 * error: fd is -1 and path says where it would be. The caller closes it.
 */
struct imp_error *imp_folder_open(bool create, struct imp_folder *folder);
void imp_folder_close(struct imp_folder *folder);

/* Takes the exclusive lock `name` until the returned descriptor is closed. Errors: IMP_ERROR_IO, also when another process holds it
 * beyond the deadline.
 */
struct imp_error *imp_folder_lock(const struct imp_folder *folder, const char *name, const struct imp_wait *wait, int *fd);

/* Connects to the Unix stream socket `name`. Errors: IMP_ERROR_NOT_FOUND when nobody listens there, IMP_ERROR_IO. */
struct imp_error *imp_folder_connect(const struct imp_folder *folder, const char *name, int *fd);

/* Reads a JSON object of at most 1 MiB. `object` is NULL when there is no such file. Errors: IMP_ERROR_FORMAT, IMP_ERROR_IO. */
struct imp_error *imp_folder_read_json(const struct imp_folder *folder, const char *name, json_t **object);

/* Writes a JSON object by a temporary file and a rename, so that a reader sees the old or the new one. `object` is borrowed. */
struct imp_error *imp_folder_write_json(const struct imp_folder *folder, const char *name, const json_t *object);

#define IMP_CLEANUP_FOLDER __attribute__((cleanup(imp_folder_close)))

#endif
