/* libimpasse: a Windows kernel dump for programs. Link with `pkg-config --cflags --libs impasse`.
 *
 * Everything that `impasse FILE` can answer is a command, whose result a program gets as text or as JSON (impasse_run; docs/json.md describes the
 * members, docs/json-schema.json says the same for validators). Beside it there are the few questions that programs ask in loops: processes, threads,
 * modules, memory, fields and names.
 *
 * Ownership: what a function hands over through a pointer to a pointer is the caller's, and freed with the function named there. What a visitor is
 * given lives until the visitor returns. Strings are UTF-8 with control characters as they are in the dump: escape them before they reach a terminal.
 *
 * Threads: one dump is for one thread at a time; several dumps may be used by several threads at once. impasse_stop alone may be called from any
 * thread or signal handler.
 *
 * Trust: the caller's process parses the files; the `impasse` program gives that to a process without rights, a program that opens strangers' dumps may
 * want to do the same. Symbol servers in a path are asked, and stores written, by a child process (impasse-fetch, installed with the library); DWARF
 * symbols are read by short-lived ones.
 *
 * Compatibility: structures only grow at their end, and the library makes all of them; enumerations get new members at their end. What is taken away
 * or changes its meaning gets a new SOVERSION.
 */
#ifndef IMPASSE_IMPASSE_H
#define IMPASSE_IMPASSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IMPASSE_PUBLIC __attribute__((visibility("default")))

/* A dump that is open, with its symbols and the process, thread and processor that commands look at. */
struct impasse_dump;

/* Why something failed. NULL is success. */
struct impasse_error;

enum impasse_code {
	IMPASSE_NO_MEMORY = 1,
	IMPASSE_IO,          /* the host's file system failed */
	IMPASSE_FORMAT,      /* bytes are not what their format says: a damaged or strange file */
	IMPASSE_NOT_FOUND,   /* no such symbol, type, field, process, ... */
	IMPASSE_FAULT,       /* memory that the dump does not hold */
	IMPASSE_MISMATCH,    /* found, but of another build */
	IMPASSE_USAGE,       /* the question itself is off */
	IMPASSE_INTERRUPTED, /* impasse_stop was called */
};

/* A whole sentence for a person; owned by the error. */
IMPASSE_PUBLIC const char *impasse_error_message(const struct impasse_error *error);
IMPASSE_PUBLIC enum impasse_code impasse_error_code(const struct impasse_error *error);
/* NULL is allowed. */
IMPASSE_PUBLIC void impasse_error_free(struct impasse_error *error);

/* "0.1.0": of the library that runs. */
IMPASSE_PUBLIC const char *impasse_version(void);

/* Opens `file`. `symbol_path` and `image_path` are as impasse(1)'s -y and -i and may be NULL; _NT_SYMBOL_PATH is not looked at. Missing symbols are no
 * error here: the questions that need them say which PDB is missing. Freed with impasse_close (NULL allowed). Errors: IO, FORMAT, NOT_FOUND (no kernel
 * in a file without a dump header), NO_MEMORY.
 */
IMPASSE_PUBLIC struct impasse_error *impasse_open(const char *file, const char *symbol_path, const char *image_path, struct impasse_dump **dump);
IMPASSE_PUBLIC void impasse_close(struct impasse_dump *dump);

/* Makes what `dump` is asked now end early with INTERRUPTED, and the questions after it, until impasse_go_on. Safe in signal handlers. */
IMPASSE_PUBLIC void impasse_stop(struct impasse_dump *dump);
IMPASSE_PUBLIC void impasse_go_on(struct impasse_dump *dump);

enum impasse_format {
	IMPASSE_TEXT, /* as at the prompt, without colours */
	IMPASSE_JSON, /* one object in one line; its errors are in it too */
};

/* Runs one command, as typed at the prompt (`us TestDriver`, `!process 0 0`), with neither ';' nor shell. `*result` (of `*size` bytes and a NUL behind
 * them; `size` may be NULL) is what it found, also when it failed: then an error is returned as well. Freed with impasse_result_free. `*result` is NULL
 * only without memory.
 */
IMPASSE_PUBLIC struct impasse_error *impasse_run(struct impasse_dump *dump, const char *command, enum impasse_format format, char **result,
						 size_t *size);
IMPASSE_PUBLIC void impasse_result_free(char *result);

struct impasse_process {
	uint64_t address; /* of the EPROCESS */
	uint64_t pid, parent_pid;
	const char *name;     /* file name of the image */
	uint64_t thread_count; /* that have not ended */
	bool ended;           /* only references keep the object */
};

struct impasse_thread {
	uint64_t address; /* of the ETHREAD */
	uint64_t process, pid, tid;
	const char *state;       /* "Waiting", "Running", ...: the kernel's own names where its symbols have them */
	const char *wait_reason; /* NULL: it does not wait */
	uint64_t state_ms;       /* since when, in milliseconds of whole clock ticks */
	uint64_t kernel_ms, user_ms;
	uint64_t context_switches;
};

struct impasse_module {
	uint64_t base, size;
	uint32_t time_date_stamp; /* of the PE header; 0: not known */
	const char *name;         /* "TestDriver.sys" */
	const char *path;
	bool unloaded; /* no longer in memory */
};

/* Each calls `visit` until it returns false, in the order of the kernel's lists. Errors: NOT_FOUND without symbols; FAULT or FORMAT after what could be
 * reached when a list is damaged; an object that cannot be read is passed over.
 */
IMPASSE_PUBLIC struct impasse_error *impasse_processes(struct impasse_dump *dump, bool (*visit)(void *context, const struct impasse_process *process),
						       void *context);
/* `process`: the address of an EPROCESS. */
IMPASSE_PUBLIC struct impasse_error *impasse_threads(struct impasse_dump *dump, uint64_t process,
						     bool (*visit)(void *context, const struct impasse_thread *thread), void *context);
/* Loaded modules, then the drivers that were unloaded. */
IMPASSE_PUBLIC struct impasse_error *impasse_modules(struct impasse_dump *dump, bool (*visit)(void *context, const struct impasse_module *module),
						     void *context);

/* Reads virtual memory, all or nothing; user addresses through the current process's page tables (`.process` chooses it). Errors: FAULT. */
IMPASSE_PUBLIC struct impasse_error *impasse_read(struct impasse_dump *dump, uint64_t address, void *buffer, size_t size);

/* The value of an expression as at the prompt: "nt!PsInitialSystemProcess", "poi(nt!PsLoadedModuleList)+10". */
IMPASSE_PUBLIC struct impasse_error *impasse_evaluate(struct impasse_dump *dump, const char *expression, uint64_t *value);

/* Writes what lies at `address`, "nt!KeSetEvent+0x1c", cut to `size` bytes; "0x..." when no module is there. */
IMPASSE_PUBLIC void impasse_name(struct impasse_dump *dump, uint64_t address, char *name, size_t size);

struct impasse_field {
	uint64_t offset, size;    /* bytes */
	unsigned bit_position, bit_length; /* of a bit field, else 0 */
};

/* Where the field `path` ("Tcb.Header.SignalState", "WaitBlock[2].Object") of `type` ("nt!_KTHREAD"; without a module, the kernel's) is, in the symbols
 * of this very dump. `path` "" means the type itself. Errors: NOT_FOUND names what is missing, FORMAT.
 */
IMPASSE_PUBLIC struct impasse_error *impasse_field(struct impasse_dump *dump, const char *type, const char *path, struct impasse_field *field);

#ifdef __cplusplus
}
#endif

#endif
