/* PE images: headers, sections, exports, the RSDS record, .pdata and unwind codes must be what llvm-readobj says they are, read from the file
 * and read as loaded in a dump.
 */
#include "image/unwind_info.h"
#include "listing.h"
#include "stepper.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const char *const images[] = { IMAGES };
enum { IMAGE_COUNT = sizeof(images) / sizeof(images[0]) };

static const char *const register_names[] = {
	"RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15",
};

/* Calls `check` for each image, opened as a file and as loaded. */
static void with_images(void (*check)(const struct imp_pe *pe, const char *path))
{
	for (size_t i = 0; i < IMAGE_COUNT; i++) {
		struct stepped_image loaded;
		struct imp_pe *pe;

		stepped_image_load(&loaded, images[i]);
		assert_null(imp_pe_open_memory(loaded.memory, loaded.base, &pe));
		check(loaded.file, images[i]);
		check(pe, images[i]);
		imp_pe_close(pe);
		stepped_image_free(&loaded);
	}
}

static void check_headers(const struct imp_pe *pe, const char *path)
{
	const struct imp_pe_info *info = imp_pe_info(pe);
	struct imp_pe_section section;
	struct listing listing;

	listing_run(&listing, "--file-headers --sections", path);
	assert_int_equal(info->machine, listing_number(&listing, "Machine:"));
	assert_int_equal(info->section_count, listing_number(&listing, "SectionCount:"));
	assert_int_equal(info->time_date_stamp, listing_number(&listing, "TimeDateStamp:"));
	assert_int_equal(info->entry_point, listing_number(&listing, "AddressOfEntryPoint:"));
	assert_int_equal(info->image_base, listing_number(&listing, "ImageBase:"));
	assert_int_equal(info->size_of_image, listing_number(&listing, "SizeOfImage:"));
	assert_int_equal(info->check_sum, listing_number(&listing, "CheckSum:"));
	for (uint32_t i = 0; i < info->section_count; i++) {
		const char *name = listing_next(&listing, "Name: ");

		assert_true(imp_pe_section(pe, i, &section));
		assert_non_null(name);
		assert_int_equal(strlen(section.name), strcspn(name, " "));
		assert_memory_equal(section.name, name, strlen(section.name));
		assert_int_equal(section.virtual_size, listing_number(&listing, "VirtualSize:"));
		assert_int_equal(section.rva, listing_number(&listing, "VirtualAddress:"));
		assert_int_equal(section.raw_size, listing_number(&listing, "RawDataSize:"));
		assert_int_equal(section.raw_offset, listing_number(&listing, "PointerToRawData:"));
		assert_int_equal(section.characteristics, listing_number(&listing, "Characteristics ["));
	}
	assert_false(imp_pe_section(pe, info->section_count, &section));
	listing_free(&listing);
}

static bool check_export(void *context, const char *name, uint32_t ordinal, uint32_t rva)
{
	struct listing *listing = context;
	const char *expected;

	assert_int_equal(ordinal, listing_number(listing, "Ordinal:"));
	expected = listing_next(listing, "Name: ");
	assert_non_null(expected);
	assert_int_equal(strlen(name), strcspn(expected, "\n"));
	assert_memory_equal(name, expected, strlen(name));
	assert_int_equal(rva, listing_number(listing, "RVA:"));
	return true;
}

static void check_directories(const struct imp_pe *pe, const char *path)
{
	const struct imp_pe_info *info = imp_pe_info(pe);
	const uint8_t *g = info->pdb_guid.bytes;
	struct listing listing;
	char guid[64];

	listing_run(&listing, "--coff-exports", path);
	assert_null(imp_pe_exports(pe, check_export, &listing));
	assert_null(listing_next(&listing, "Ordinal:"));
	listing_free(&listing);

	listing_run(&listing, "--coff-debug-directory", path);
	assert_true(info->has_rsds);
	snprintf(guid, sizeof(guid), "{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}", g[3], g[2], g[1], g[0], g[5], g[4],
		 g[7], g[6], g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15]);
	const char *expected = listing_next(&listing, "PDBGUID: ");
	assert_non_null(expected);
	assert_memory_equal(expected, guid, strlen(guid));
	assert_int_equal(info->pdb_age, listing_number(&listing, "PDBAge:"));
	expected = listing_next(&listing, "PDBFileName:");
	assert_non_null(expected);
	expected += strspn(expected, " ");
	assert_int_equal(strlen(info->pdb_path), strcspn(expected, "\n"));
	assert_memory_equal(info->pdb_path, expected, strlen(info->pdb_path));
	listing_free(&listing);
}

/* The code as llvm-readobj writes it. */
static void code_text(const struct unwind_info *info, const struct unwind_code *code, char *text, size_t size)
{
	const char *reg = register_names[code->info];
	uint32_t scaled = code->operand;

	switch (code->op) {
	case UWOP_PUSH_NONVOL:
		snprintf(text, size, "0x%02X: PUSH_NONVOL reg=%s", code->offset, reg);
		break;
	case UWOP_ALLOC_LARGE:
		snprintf(text, size, "0x%02X: ALLOC_LARGE size=%" PRIu32, code->offset, code->info ? scaled : 8 * scaled);
		break;
	case UWOP_ALLOC_SMALL:
		snprintf(text, size, "0x%02X: ALLOC_SMALL size=%d", code->offset, 8 * code->info + 8);
		break;
	case UWOP_SET_FPREG:
		snprintf(text, size, "0x%02X: SET_FPREG reg=%s, offset=0x%X", code->offset, register_names[info->frame_register], info->frame_offset);
		break;
	case UWOP_SAVE_NONVOL:
		snprintf(text, size, "0x%02X: SAVE_NONVOL reg=%s, offset=0x%X", code->offset, reg, 8 * scaled);
		break;
	case UWOP_SAVE_NONVOL_FAR:
		snprintf(text, size, "0x%02X: SAVE_NONVOL_FAR reg=%s, offset=0x%X", code->offset, reg, scaled);
		break;
	case UWOP_SAVE_XMM128:
		snprintf(text, size, "0x%02X: SAVE_XMM128 reg=XMM%d, offset=0x%X", code->offset, code->info, 16 * scaled);
		break;
	case UWOP_SAVE_XMM128_FAR:
		snprintf(text, size, "0x%02X: SAVE_XMM128_FAR reg=XMM%d, offset=0x%X", code->offset, code->info, scaled);
		break;
	case UWOP_PUSH_MACHFRAME:
		snprintf(text, size, "0x%02X: PUSH_MACHFRAME errcode=%s", code->offset, code->info ? "yes" : "no");
		break;
	default:
		snprintf(text, size, "operation %u", code->op);
	}
}

static void check_unwind(const struct imp_pe *pe, const char *path)
{
	uint64_t base = imp_pe_info(pe)->image_base, last_end = 0;
	struct imp_runtime_function function;
	struct listing listing;
	size_t functions = 0;

	listing_run(&listing, "--unwind", path);
	for (; listing_next(&listing, "RuntimeFunction {"); functions++) {
		uint64_t begin = listing_number(&listing, "StartAddress:") - base, end = listing_number(&listing, "EndAddress:") - base;
		struct unwind_info info;
		struct unwind_code code;
		char text[128];

		for (uint64_t rva = begin; rva < end; rva++) {
			assert_true(imp_pe_function(pe, (uint32_t)rva, &function));
			assert_int_equal(function.begin, begin);
			assert_int_equal(function.end, end);
		}
		for (uint64_t rva = last_end; last_end && rva < begin; rva++)
			assert_false(imp_pe_function(pe, (uint32_t)rva, &function));
		last_end = end;
		assert_true(imp_pe_function(pe, (uint32_t)begin, &function));
		assert_int_equal(function.unwind_info, listing_number(&listing, "UnwindInfoAddress:") - base);
		assert_null(imp_unwind_info_read(pe, &function, &info));
		assert_int_equal(info.version, listing_number(&listing, "Version:"));
		assert_int_equal(info.flags, listing_number(&listing, "Flags ["));
		assert_int_equal(info.size_of_prolog, listing_number(&listing, "PrologSize:"));
		assert_int_equal(info.count, listing_number(&listing, "UnwindCodeCount:"));
		assert_non_null(listing_next(&listing, "UnwindCodes ["));
		for (unsigned i = 0; i < info.count; i += code.slots) {
			assert_null(imp_unwind_code_at(&info, i, &code));
			code_text(&info, &code, text, sizeof(text));
			listing_expect_line(&listing, text);
		}
		listing_expect_line(&listing, "]");
	}
	assert_true(functions > 20);
	assert_false(imp_pe_function(pe, 0, &function));
	assert_false(imp_pe_function(pe, (uint32_t)last_end, &function));
	assert_false(imp_pe_function(pe, UINT32_MAX, &function));
	listing_free(&listing);
}

static void headers_and_sections(void **state)
{
	(void)state;
	with_images(check_headers);
}

static void exports_and_rsds(void **state)
{
	(void)state;
	with_images(check_directories);
}

static void unwind_codes(void **state)
{
	(void)state;
	with_images(check_unwind);
}

/* The bytes of a section in the file are those at its RVA, and behind them, up to its virtual size, come zeros. */
static void bytes_as_loaded(void **state)
{
	(void)state;
	for (size_t i = 0; i < IMAGE_COUNT; i++) {
		FILE *file = fopen(images[i], "rb");
		struct imp_pe_section section;
		struct imp_pe *pe;

		assert_non_null(file);
		assert_null(imp_pe_open_file(images[i], &pe));
		for (uint32_t s = 0; imp_pe_section(pe, s, &section); s++) {
			uint32_t size = section.virtual_size > section.raw_size ? section.virtual_size : section.raw_size;
			uint8_t *expected = calloc(1, size), *found = malloc(size);

			assert_int_equal(fseek(file, section.raw_offset, SEEK_SET), 0);
			assert_int_equal(fread(expected, 1, section.raw_size, file), section.raw_size);
			assert_null(imp_pe_read(pe, section.rva, found, size));
			assert_memory_equal(expected, found, size);
			free(expected);
			free(found);
		}

		uint8_t byte;
		struct imp_error *err = imp_pe_read(pe, imp_pe_info(pe)->size_of_image, &byte, 1);
		assert_non_null(err);
		assert_int_equal(imp_error_code(err), IMP_ERROR_FAULT);
		imp_error_free(err);
		imp_pe_close(pe);
		fclose(file);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_and_sections),
		cmocka_unit_test(exports_and_rsds),
		cmocka_unit_test(unwind_codes),
		cmocka_unit_test(bytes_as_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
