/* DUMP_HEADER64, read and made: the fields of a 64-bit crash dump's first 8 KiB. Which pages follow is each format's own question.
 * Source: the structure as published in the debugger headers and used by QEMU's writer (win_dump_defs.h).
 */
#include "dump/context.h"
#include "dump/format.h"
#include "dump/write.h"

#include <inttypes.h>

enum {
	MAJOR_VERSION = 0x08,
	MINOR_VERSION = 0x0c,
	DIRECTORY_TABLE_BASE = 0x10,
	PFN_DATABASE = 0x18,
	PS_LOADED_MODULE_LIST = 0x20,
	PS_ACTIVE_PROCESS_HEAD = 0x28,
	MACHINE_IMAGE_TYPE = 0x30,
	NUMBER_PROCESSORS = 0x34,
	BUG_CHECK_CODE = 0x38,
	BUG_CHECK_PARAMETER1 = 0x40,
	KD_DEBUGGER_DATA_BLOCK = 0x80,
	CONTEXT_RECORD = 0x348, /* the header reserves 3000 bytes */
	CONTEXT_FLAGS = 0x30,   /* within CONTEXT */
	EXCEPTION_RECORD = 0xf00,
	DUMP_TYPE = 0xf98,
	SYSTEM_TIME = 0xfa8,
	COMMENT = 0xfb0,
	COMMENT_SIZE = 128,
	SYSTEM_UP_TIME = 0x1030,
	PRODUCT_TYPE = 0x1040,
	SUITE_MASK = 0x1044,
	ATTRIBUTES = 0x1050,
};

bool imp_dump_is_filler(uint64_t value, size_t size)
{
	return size == 4 ? value == UINT64_C(0x45474150) : value == UINT64_C(0x4547415045474150);
}

/* The getters below cannot fail: imp_dump_header64 has checked that the whole header is there. */
static uint32_t get32(struct imp_span bytes, uint64_t offset)
{
	uint32_t value = 0;

	imp_span_u32(bytes, offset, &value);
	return value;
}

static uint64_t get64(struct imp_span bytes, uint64_t offset)
{
	uint64_t value = 0;

	imp_span_u64(bytes, offset, &value);
	return value;
}

static uint32_t known32(struct imp_span bytes, uint64_t offset)
{
	uint32_t value = get32(bytes, offset);

	return imp_dump_is_filler(value, sizeof(value)) ? 0 : value;
}

static uint64_t known64(struct imp_span bytes, uint64_t offset)
{
	uint64_t value = get64(bytes, offset);

	return imp_dump_is_filler(value, sizeof(value)) ? 0 : value;
}

/* The part at `offset`, empty when the writer left the word at `probe` (a member that is never 0 when the part is filled in) unset. */
static struct imp_span record(struct imp_span bytes, uint64_t offset, uint64_t size, uint64_t probe)
{
	struct imp_span part = { 0 };

	if (known32(bytes, offset + probe))
		imp_span_slice(bytes, offset, size, &part);
	return part;
}

struct imp_error *imp_dump_header64(struct imp_span bytes, struct imp_dump_info *info)
{
	if (!imp_span_has(bytes, 0, DUMP_HEADER64_SIZE))
		return imp_error_new(IMP_ERROR_FORMAT, "the file ends inside the dump header: %zu bytes, expected at least %d", bytes.size,
				     DUMP_HEADER64_SIZE);
	info->major_version = get32(bytes, MAJOR_VERSION);
	info->minor_version = get32(bytes, MINOR_VERSION);
	info->directory_table_base = get64(bytes, DIRECTORY_TABLE_BASE);
	info->pfn_database = known64(bytes, PFN_DATABASE);
	info->loaded_module_list = known64(bytes, PS_LOADED_MODULE_LIST);
	info->active_process_head = known64(bytes, PS_ACTIVE_PROCESS_HEAD);
	info->machine = get32(bytes, MACHINE_IMAGE_TYPE);
	info->processor_count = get32(bytes, NUMBER_PROCESSORS);
	info->bugcheck_code = get32(bytes, BUG_CHECK_CODE);
	for (unsigned i = 0; i < 4; i++)
		info->bugcheck_parameters[i] = get64(bytes, BUG_CHECK_PARAMETER1 + 8 * i);
	info->debugger_data_block = known64(bytes, KD_DEBUGGER_DATA_BLOCK);
	info->context = record(bytes, CONTEXT_RECORD, IMP_CONTEXT_SIZE, CONTEXT_FLAGS);
	info->exception = record(bytes, EXCEPTION_RECORD, IMP_EXCEPTION_SIZE, 0);
	info->dump_type = get32(bytes, DUMP_TYPE);
	info->system_time = known64(bytes, SYSTEM_TIME);
	if (known32(bytes, COMMENT))
		imp_span_copy(bytes, COMMENT, info->comment, COMMENT_SIZE);
	info->up_time = known64(bytes, SYSTEM_UP_TIME);
	info->product_type = known32(bytes, PRODUCT_TYPE);
	info->suite_mask = known32(bytes, SUITE_MASK);
	info->attributes = known32(bytes, ATTRIBUTES);
	return NULL;
}

static void put32(uint8_t *header, size_t offset, uint32_t value)
{
	memcpy(header + offset, &value, sizeof(value));
}

static void put64(uint8_t *header, size_t offset, uint64_t value)
{
	memcpy(header + offset, &value, sizeof(value));
}

/* Fields in which 0 means "not known" to the reader keep the filler. */
static void put_known64(uint8_t *header, size_t offset, uint64_t value)
{
	if (value)
		put64(header, offset, value);
}

void imp_dump_header64_make(const struct imp_dump_info *info, uint8_t header[DUMP_HEADER64_SIZE])
{
	static const uint8_t filler[4] = { 'P', 'A', 'G', 'E' }, valid[4] = { 'D', 'U', '6', '4' };

	for (size_t i = 0; i < DUMP_HEADER64_SIZE; i += sizeof(filler))
		memcpy(header + i, filler, sizeof(filler));
	memcpy(header + sizeof(filler), valid, sizeof(valid));
	put32(header, MAJOR_VERSION, info->major_version);
	put32(header, MINOR_VERSION, info->minor_version);
	put64(header, DIRECTORY_TABLE_BASE, info->directory_table_base);
	put_known64(header, PFN_DATABASE, info->pfn_database);
	put_known64(header, PS_LOADED_MODULE_LIST, info->loaded_module_list);
	put_known64(header, PS_ACTIVE_PROCESS_HEAD, info->active_process_head);
	put32(header, MACHINE_IMAGE_TYPE, info->machine);
	put32(header, NUMBER_PROCESSORS, info->processor_count);
	put32(header, BUG_CHECK_CODE, info->bugcheck_code);
	for (unsigned i = 0; i < 4; i++)
		put64(header, BUG_CHECK_PARAMETER1 + 8 * i, info->bugcheck_parameters[i]);
	put_known64(header, KD_DEBUGGER_DATA_BLOCK, info->debugger_data_block);
	put_known64(header, SYSTEM_TIME, info->system_time);
	put_known64(header, SYSTEM_UP_TIME, info->up_time);
	memset(header + COMMENT, 0, COMMENT_SIZE);
	if (info->product_type)
		put32(header, PRODUCT_TYPE, info->product_type);
	if (info->suite_mask)
		put32(header, SUITE_MASK, info->suite_mask);
}
