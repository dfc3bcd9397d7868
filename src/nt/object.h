/* Objects: what the object manager keeps in front of each (OBJECT_HEADER), their types, names and directories. */
#ifndef IMP_NT_OBJECT_H
#define IMP_NT_OBJECT_H

#include "nt/kernel.h"

struct imp_object {
	uint64_t address, header, type;
	char type_name[64];
	int64_t pointer_count, handle_count;
	bool has_name;
	uint64_t directory; /* with has_name; 0 for the root */
	char name[260];
};

/* Reads the object whose body is at `address`. Errors: FAULT; NOT_FOUND without symbols; FORMAT when its header names no type. */
struct imp_error *imp_object_read(struct imp_kernel *kernel, uint64_t address, struct imp_object *object);
/* As imp_object_read; FORMAT when the object is of another type than `type` ("Driver"). */
struct imp_error *imp_object_expect(struct imp_kernel *kernel, uint64_t address, const char *type, struct imp_object *object);
/* The object of that path in the object manager's name space ("\Driver\TestDrv"), any case; links are not followed. Errors: NOT_FOUND, FAULT. */
struct imp_error *imp_object_find(struct imp_kernel *kernel, const char *path, uint64_t *address);
/* Calls `visit` for each object in the directory, with the number of its hash bucket, until it returns false. Errors: FAULT, FORMAT (a chain without
 * end).
 */
struct imp_error *imp_object_directory_each(struct imp_kernel *kernel, uint64_t directory,
					    bool (*visit)(void *context, unsigned bucket, uint64_t object), void *context);

#endif
