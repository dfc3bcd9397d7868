/* What the lab's folder records about the running machine (state.json), and whether that machine still lives. The record is the
 * supervisor's; commands only read it, and remove it when its processes are gone.
 */
#ifndef IMP_HOST_STATE_H
#define IMP_HOST_STATE_H

#include "folder.h"
#include "process.h"

#define IMP_STATE_VERSION 1

struct imp_bugcheck {
	bool happened;
	uint32_t code;
	uint64_t parameters[4];
	bool dumped; /* MEMORY.DMP in the folder is of this bugcheck */
};

struct imp_state {
	struct imp_process supervisor;
	struct imp_process qemu;
	char accelerator[8]; /* kvm or tcg */
	unsigned memory;     /* MiB */
	unsigned cpus;
	char *c;           /* absolute path of the folder that is C: */
	char *kernel;      /* the kernel's build string */
	int64_t started;   /* milliseconds since 1970 (UTC) */
	uint64_t ready_us; /* from the start of QEMU to the first answer of the kernel */
	uint64_t boot_us;  /* the kernel's own measure: first instruction to ready */
	struct imp_bugcheck bugcheck;
};

/* The lab that a command was started for. */
struct imp_lab {
	struct imp_folder folder;
	bool running;
	struct imp_state state; /* when running */
};

/* Opens the folder and looks whether its machine lives. A machine whose processes have died is cleaned up on the way: what is left
 * of it is ended, its sockets and its record are removed; its console log, dumps and C: stay. The caller closes `lab` in any case.
 */
struct imp_error *imp_lab_open(bool create, struct imp_lab *lab);
/* The same, making the folder, for a caller that holds the lab's lock. */
struct imp_error *imp_lab_open_locked(struct imp_lab *lab);
void imp_lab_close(struct imp_lab *lab);

/* As imp_lab_open, but a lab that does not run is the error IMP_ERROR_NOT_FOUND. */
struct imp_error *imp_lab_open_running(struct imp_lab *lab);

struct imp_error *imp_state_write(const struct imp_folder *folder, const struct imp_state *state);

/* Removes the sockets and then the record. */
void imp_state_remove(const struct imp_folder *folder);

/* A line such as `bugcheck 0x7E (0xC0000005, 0x..., 0x..., 0x...)`, NUL-terminated and cut to `size`. */
void imp_bugcheck_describe(const struct imp_bugcheck *bugcheck, char *text, size_t size);

#define IMP_CLEANUP_LAB __attribute__((cleanup(imp_lab_close)))

#endif
