/* Fuzz target: an image file: headers, sections, exports, .pdata, and unwinding from addresses all over it. */
#include "image/unwind.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool visit_export(void *context, const char *name, uint32_t ordinal, uint32_t rva)
{
	size_t *left = context;

	(void)ordinal;
	(void)rva;
	*left -= name[0] != 0;
	return *left > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imp_runtime_function function;
	struct imp_pe_section section;
	struct imp_pe *pe;
	uint8_t buffer[256];
	size_t exports = 1000;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_pe_open_bytes("fuzz", (struct imp_span){ data, size }, &pe);

	if (err)
		return 0;
	for (uint32_t i = 0; imp_pe_section(pe, i, &section); i++) {
		IMP_CLEANUP_ERROR struct imp_error *read_err = imp_pe_read(pe, section.rva, buffer, sizeof(buffer));
		IMP_CLEANUP_ERROR struct imp_error *end_err = imp_pe_read(pe, section.rva + section.virtual_size - 16, buffer, 32);
	}
	for (uint32_t rva = 0; rva < 0x4000; rva += 31)
		if (imp_pe_function(pe, rva, &function) && (rva < function.begin || rva >= function.end))
			abort();
	IMP_CLEANUP_ERROR struct imp_error *export_err = imp_pe_exports(pe, visit_export, &exports);
	imp_pe_close(pe);
	return 0;
}
