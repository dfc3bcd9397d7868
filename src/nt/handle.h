/* Handles: the table of a process (HANDLE_TABLE) and its entries. What they lead to is object.h's question. */
#ifndef IMP_NT_HANDLE_H
#define IMP_NT_HANDLE_H

#include "nt/kernel.h"

struct imp_handle {
	uint64_t value, entry, object; /* entry: address of its HANDLE_TABLE_ENTRY; object: address of the object's body */
	uint64_t access;
};

/* Calls `visit` for each handle in use in the table at `table`, in order of value, until it returns false. Errors: FAULT, FORMAT (a table of more
 * levels than there are), NOT_FOUND (symbols without the fields of Windows 8 and later).
 */
struct imp_error *imp_handle_each(struct imp_kernel *kernel, uint64_t table, bool (*visit)(void *context, const struct imp_handle *handle),
				  void *context);

#endif
