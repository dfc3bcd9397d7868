/* A synthetic dump with the layouts and symbols of a real kernel: Windows 11 22000, by its ISF table in the shared data. */
#ifndef TESTS_NT_WINDOWS_H
#define TESTS_NT_WINDOWS_H

#include "nt/kernel.h"
#include "synthetic.h"

struct windows {
	struct synthetic made;
	struct imp_dump *dump;
	struct imp_kernel kernel;
	uint64_t pool_next; /* the next unused address of the kernel half */
};

/* False, having said so, when the shared data is not there. */
bool windows_new(struct windows *windows, const char *project);
/* Lets the kernel read what was written until now and later. */
void windows_open(struct windows *windows);
void windows_free(struct windows *windows);
/* Zeroed memory in the kernel half: its address, and where it is in the file (contiguous there). */
uint64_t windows_take(struct windows *windows, size_t bytes, uint8_t **at);
/* The byte at `offset` of the kernel's variable `name`: its address, and where it is in the file (to the end of its page). */
uint64_t windows_variable(struct windows *windows, const char *name, uint64_t offset, uint8_t **at);
uint64_t windows_offset(struct windows *windows, const char *type, const char *path);
uint64_t windows_size(struct windows *windows, const char *type);
void windows_put(uint8_t *at, uint64_t value, size_t size);

#endif
