/* Reading UNWIND_INFO: its header, its codes and the entry it is chained to. What the codes mean for registers is unwind.c's.
 * Source: "x64 exception handling", Microsoft's C++ documentation; slots of version 2 as in LLVM's support for it.
 */
#include "image/unwind_info.h"

/* Slots that an operation takes, itself included, by enum unwind_op; ALLOC_LARGE with info 1 takes one more. 0: no such operation. */
static const uint8_t slots_version1[16] = { 1, 2, 1, 1, 2, 3, 2, 3, 2, 3, 1 };
static const uint8_t slots_version2[16] = { 1, 2, 1, 1, 2, 3, 1, 3, 2, 3, 1 };

static struct imp_error *read_at(const struct imp_pe *pe, uint32_t rva, uint32_t offset, void *buffer, size_t size)
{
	if (offset > UINT32_MAX - rva)
		return imp_error_new(IMP_ERROR_FORMAT, "unwind data at RVA 0x%x goes beyond 4 GiB", rva);
	return imp_pe_read(pe, rva + offset, buffer, size);
}

static struct imp_error *read_function(const struct imp_pe *pe, uint32_t rva, uint32_t offset, struct imp_runtime_function *function)
{
	uint32_t entry[3];
	struct imp_error *err = read_at(pe, rva, offset, entry, sizeof(entry));

	if (!err)
		*function = (struct imp_runtime_function){ entry[0], entry[1], entry[2] };
	return err;
}

struct imp_error *imp_unwind_info_read(const struct imp_pe *pe, struct imp_runtime_function *function, struct unwind_info *info)
{
	struct imp_error *err;
	uint8_t header[4];

	for (unsigned i = 0; function->unwind_info & 1; i++) {
		if (i == UNWIND_CHAIN_LIMIT)
			return imp_error_new(IMP_ERROR_FORMAT, "the .pdata entries for RVA 0x%x refer to each other more than %d times",
					     function->begin, UNWIND_CHAIN_LIMIT);
		err = read_function(pe, function->unwind_info & ~1u, 0, function);
		if (err)
			return err;
	}

	uint32_t rva = function->unwind_info;
	err = imp_pe_read(pe, rva, header, sizeof(header));
	if (err)
		return imp_error_context(err, "unwind data of the function at RVA 0x%x", function->begin);
	info->version = header[0] & 7;
	info->flags = header[0] >> 3;
	info->size_of_prolog = header[1];
	info->count = header[2];
	info->frame_register = header[3] & 15;
	info->frame_offset = (uint16_t)(16 * (header[3] >> 4));
	if (info->version != 1 && info->version != 2)
		return imp_error_new(IMP_ERROR_FORMAT, "unwind data at RVA 0x%x has version %u, expected 1 or 2", rva, info->version);
	err = read_at(pe, rva, sizeof(header), info->codes, sizeof(uint16_t) * info->count);
	/* The array has an even number of slots; the chained entry stands behind it. */
	if (!err && info->flags & UNW_FLAG_CHAININFO)
		err = read_function(pe, rva, (uint32_t)sizeof(header) + 2 * ((info->count + 1) & ~1u), &info->chained);
	return imp_error_context(err, "unwind data of the function at RVA 0x%x", function->begin);
}

struct imp_error *imp_unwind_code_at(const struct unwind_info *info, unsigned index, struct unwind_code *code)
{
	const uint8_t *slot = info->codes + sizeof(uint16_t) * index;

	code->offset = slot[0];
	code->op = slot[1] & 15;
	code->info = slot[1] >> 4;
	code->operand = 0;
	code->slots = (info->version == 1 ? slots_version1 : slots_version2)[code->op];
	if (code->op == UWOP_ALLOC_LARGE && code->info)
		code->slots++;
	if (!code->slots || (code->op == UWOP_ALLOC_LARGE && code->info > 1))
		return imp_error_new(IMP_ERROR_FORMAT, "unknown unwind code %u (info %u)", code->op, code->info);
	if (code->slots > info->count - index)
		return imp_error_new(IMP_ERROR_FORMAT, "unwind code %u is cut off: %u slots are left, %u needed", code->op, info->count - index,
				     code->slots);
	if (code->slots == 2)
		code->operand = (uint32_t)(slot[2] | slot[3] << 8);
	if (code->slots == 3)
		code->operand = slot[2] | (uint32_t)slot[3] << 8 | (uint32_t)slot[4] << 16 | (uint32_t)slot[5] << 24;
	return NULL;
}
