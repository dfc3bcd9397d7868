/* NTSTATUS values by name: those that exceptions and bug checks carry. */
#ifndef IMP_NT_STATUS_H
#define IMP_NT_STATUS_H

#include <stdint.h>

struct imp_status {
	uint32_t code;
	const char *name; /* "STATUS_ACCESS_VIOLATION" */
	const char *text; /* "Access violation" */
};

/* NULL for a value that is not known here. */
const struct imp_status *imp_status_find(uint32_t code);

#endif
