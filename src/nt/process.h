/* Processes: EPROCESS and the list of them. */
#ifndef IMP_NT_PROCESS_H
#define IMP_NT_PROCESS_H

#include "nt/kernel.h"

struct imp_process {
	uint64_t address, pid, parent_pid;
	char name[128]; /* file name of the image; "System" */
	uint64_t peb, session, directory_table_base, object_table;
	uint64_t create_time, exit_time; /* FILETIME */
	uint64_t active_threads, handle_count;
	uint64_t virtual_size, peak_virtual_size, commit_charge, nonpaged_quota; /* bytes */
	char user[160];                                                          /* "AUTHORITY\account"; "" when not known */
	bool is_zombie;                                                          /* it has ended; only references keep the object */
};

/* Reads the process object at `address`. Errors: FAULT; FORMAT when no process lies there; NOT_FOUND without symbols. Missing fields become
 * zero and a note.
 */
struct imp_error *imp_process_read(struct imp_kernel *kernel, uint64_t address, struct imp_process *process);
/* Calls `visit` for each process on PsActiveProcessHead until it returns false. A damaged list ends with an error after what it holds. */
struct imp_error *imp_process_each(struct imp_kernel *kernel, bool (*visit)(void *context, uint64_t address), void *context);
/* Only the name (much less reading than imp_process_read). */
void imp_process_name(struct imp_kernel *kernel, uint64_t address, char *name, size_t size);
/* The process of PID 4, System. */
struct imp_error *imp_process_system(struct imp_kernel *kernel, uint64_t *address);

/* The process whose ID is `pid`; ended ones count. Errors: NOT_FOUND. */
struct imp_error *imp_process_by_pid(struct imp_kernel *kernel, uint64_t pid, uint64_t *address);

#endif
