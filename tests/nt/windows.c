/* A synthetic dump with the layouts of a real kernel: see windows.h. */
#include "windows.h"
#include "nt/dispatcher.h"
#include "symbols/isf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { PAGE = 4096, FIRST = 0x100, PAGES = 4096 };
static const uint64_t kernel_base = 0xfffff80000000000, pool = 0xffffa00000000000;

bool windows_new(struct windows *windows, const char *project)
{
	const char *shared = getenv("IMPASSE_SHARED");
	char table[768], beside[512];

	memset(windows, 0, sizeof(*windows));
	snprintf(beside, sizeof(beside), "%s/../shared", project);
	snprintf(table, sizeof(table), "%.400s/data/windows/0CE4A95C0CD782A7596B034D8648E585-1.json.xz", shared ? shared : beside);
	if (access(table, R_OK)) {
		printf("skipped: no %s\n", table);
		return false;
	}
	windows->pool_next = pool;
	windows->kernel.nt.base = kernel_base;
	assert_null(imp_isf_open(table, NULL, &windows->kernel.nt.pdb));
	synthetic_new(&windows->made, FIRST, PAGES);
	return true;
}

void windows_open(struct windows *windows)
{
	assert_null(imp_dump_open_bytes("synthetic", (struct imp_span){ windows->made.bytes, windows->made.size }, &windows->dump));
	assert_null(imp_memory_new(windows->dump, windows->made.directory_table_base, &windows->kernel.memory));
	windows->kernel.dump = windows->dump;
}

void windows_free(struct windows *windows)
{
	if (!windows->dump)
		return;
	for (size_t i = 0; i < IMP_NT_FIELD_COUNT; i++)
		imp_error_free(windows->kernel.fields[i].error);
	imp_kernel_notes(&windows->kernel, NULL, NULL);
	imp_waiters_forget(&windows->kernel);
	imp_memory_free(windows->kernel.memory);
	imp_dump_close(windows->dump);
	imp_pdb_close(windows->kernel.nt.pdb);
	synthetic_free(&windows->made);
}

uint64_t windows_take(struct windows *windows, size_t bytes, uint8_t **at)
{
	uint64_t pages = (bytes + PAGE - 1) / PAGE, page = synthetic_take(&windows->made, pages), address = windows->pool_next;

	synthetic_map(&windows->made, address, page, pages);
	windows->pool_next += (pages + 1) * PAGE;
	*at = synthetic_page(&windows->made, page);
	return address;
}

uint64_t windows_variable(struct windows *windows, const char *name, uint64_t offset, uint8_t **at)
{
	struct imp_symbol symbol;
	uint64_t page = synthetic_take(&windows->made, 1), address;

	assert_null(imp_pdb_find(windows->kernel.nt.pdb, name, &symbol));
	address = kernel_base + symbol.rva + offset;
	synthetic_map(&windows->made, address & ~(uint64_t)(PAGE - 1), page, 1);
	*at = synthetic_page(&windows->made, page) + address % PAGE;
	return address;
}

uint64_t windows_offset(struct windows *windows, const char *type, const char *path)
{
	struct imp_field field;

	assert_null(imp_field_find(windows->kernel.nt.pdb, type, path, &field));
	return field.offset;
}

uint64_t windows_size(struct windows *windows, const char *type)
{
	struct imp_type found;

	assert_null(imp_type_find(windows->kernel.nt.pdb, type, &found));
	return found.size;
}

void windows_put(uint8_t *at, uint64_t value, size_t size)
{
	memcpy(at, &value, size);
}
