/* Fuzz target: opening a dump, its pages, and virtual memory through the page tables that it claims to hold. */
#include "dump/blobs.h"
#include "dump/triage.h"
#include "memory/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imp_dump *dump;
	struct imp_memory *memory;
	uint8_t buffer[64];
	IMP_CLEANUP_ERROR struct imp_error *err = imp_dump_open_bytes("fuzz", (struct imp_span){ data, size }, &dump);

	if (err)
		return 0;

	const struct imp_dump_info *info = imp_dump_info(dump);
	IMP_CLEANUP_ERROR struct imp_error *memory_err = imp_memory_new(dump, info->directory_table_base, &memory);
	if (!memory_err) {
		uint64_t addresses[] = { info->pfn_database, info->loaded_module_list, info->debugger_data_block, 0xfffff80000000ff0,
					 0x7ffffffeffff };

		for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
			IMP_CLEANUP_ERROR struct imp_error *read_err = imp_memory_read(memory, addresses[i], buffer, sizeof(buffer));
			IMP_CLEANUP_ERROR struct imp_error *physical_err = imp_memory_read_physical(memory, addresses[i], buffer, sizeof(buffer));
		}
		imp_memory_set_process(memory, info->pfn_database);
		imp_memory_read_some(memory, 0x10000, buffer, sizeof(buffer));
		imp_memory_free(memory);
	}
	struct imp_triage_module module;
	struct imp_blob blobs[8];
	size_t count;
	IMP_CLEANUP_ERROR struct imp_error *blobs_err = imp_dump_blobs(dump, blobs, 8, &count);
	for (size_t i = 0; i < count && i < 8; i++)
		memmove(buffer, blobs[i].data.size ? blobs[i].data.data : buffer,
			blobs[i].data.size < sizeof(buffer) ? blobs[i].data.size : sizeof(buffer));
	for (uint32_t i = 0; i < 64 && imp_triage_module(dump, i, &module); i++) {
		struct imp_span bytes = imp_dump_virtual(dump, module.base);

		if (bytes.size)
			memcpy(buffer, bytes.data, bytes.size < sizeof(buffer) ? bytes.size : sizeof(buffer));
	}
	for (uint32_t i = 0; i < 64 && imp_triage_unloaded(dump, i, &module); i++)
		;
	for (uint64_t pfn = 0; pfn < 64; pfn++) {
		const uint8_t *page = imp_dump_page(dump, pfn);

		if (page)
			memcpy(buffer, page + IMP_PAGE_SIZE - sizeof(buffer), sizeof(buffer));
	}
	imp_dump_close(dump);
	return 0;
}
