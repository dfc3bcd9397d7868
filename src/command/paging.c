/* !pte !vtop: how an address is translated. */
#include "command/commands.h"
#include "nt/paging.h"
#include "nt/processor.h"

#include <stdio.h>
#include <string.h>

enum { COLUMN = 27 }; /* width of a level's column in !pte */

/* A bit field of an entry, by the symbols' layout. */
static uint64_t extract(const struct imp_field *field, uint64_t entry)
{
	unsigned length = field->type.bit_length ? field->type.bit_length : 64;
	uint64_t value = entry >> (field->type.bit_position & 63);

	return length < 64 ? value & ((UINT64_C(1) << length) - 1) : value;
}

struct software {
	struct imp_report *report;
	uint64_t entry;
};

static bool report_field(void *context, const struct imp_field *field)
{
	struct software *software = context;
	uint64_t value;

	if (field->type.kind != IMP_TYPE_BITFIELD)
		return true;
	value = extract(field, software->entry);
	if (!value)
		return true;
	imp_report_open_object(software->report, NULL);
	if (!strcmp(field->name, "Protection"))
		imp_report_line(software->report, "    %s: %llx - %s", field->name, (unsigned long long)value, imp_pte_protection(value));
	else
		imp_report_line(software->report, "    %s: %llx", field->name, (unsigned long long)value);
	imp_report_value(software->report, "name", imp_string(field->name));
	imp_report_value(software->report, "value", imp_address(value));
	imp_report_close(software->report);
	return true;
}

/* The fields of an entry that is not valid, by the names of its type. */
static void report_software(struct imp_session *session, struct imp_report *report, const char *key, enum imp_page_state state, uint64_t entry)
{
	struct software software = { report, entry };
	struct imp_type type;
	const char *name = imp_pte_type(state);
	struct imp_error *err;

	if (!name)
		return;
	imp_report_line(report, "  %s (%016llx):", name, (unsigned long long)entry);
	imp_report_open_list(report, key);
	err = imp_kernel_need_symbols(session->kernel);
	if (!err)
		err = imp_type_find(session->kernel->nt.pdb, name, &type);
	if (!err)
		err = imp_type_fields(&type, report_field, &software);
	imp_kernel_note_error(session->kernel, err);
	imp_report_close(report);
}

/* The three rows that WinDbg shows: where each entry is, what it contains, what that says. */
static void report_entries(struct imp_session *session, struct imp_report *report, const struct imp_page_walk *walk)
{
	char rows[3][IMP_PAGING_LEVELS * COLUMN + 64] = { "", "", "" };
	size_t at = 0;

	imp_report_open_list(report, "entries");
	for (unsigned level = walk->levels; level-- > walk->last; at += COLUMN) {
		const struct imp_page_entry *entry = &walk->entries[level];
		bool valid = entry->value & 1, large = valid && walk->state == IMP_PAGE_VALID && level && level == walk->last;
		const char *name = imp_pte_level_name(level);
		uint64_t address, pfn = entry->value << 12 >> 24;
		char text[64], flags[16];
		bool mapped = imp_pte_address(session->kernel, walk->address, level, &address);

		imp_pte_flags(entry->value, level, flags);
		snprintf(text, sizeof(text), mapped ? "%s at %016llX" : "%s at #%llx", name,
			 (unsigned long long)(mapped ? address : entry->physical));
		snprintf(rows[0] + at, sizeof(rows[0]) - at, "%-*s", COLUMN, text);
		snprintf(text, sizeof(text), "contains %016llX", (unsigned long long)entry->value);
		snprintf(rows[1] + at, sizeof(rows[1]) - at, "%-*s", COLUMN, text);
		if (valid)
			snprintf(text, sizeof(text), "pfn %-9llx %s", (unsigned long long)pfn, flags);
		else
			snprintf(text, sizeof(text), "not valid");
		snprintf(rows[2] + at, sizeof(rows[2]) - at, "%-*s", COLUMN, text);
		if (large)
			snprintf(rows[2] + at + COLUMN, sizeof(rows[2]) - at - COLUMN, "LARGE PAGE pfn %llx",
				 (unsigned long long)(walk->physical >> IMP_PAGE_SHIFT));
		imp_report_open_object(report, NULL);
		imp_report_value(report, "name", imp_string(name));
		imp_report_value(report, "address", mapped ? imp_address(address) : imp_null());
		imp_report_value(report, "physical", imp_address(entry->physical));
		imp_report_value(report, "value", imp_address(entry->value));
		imp_report_value(report, "valid", imp_bool(valid));
		imp_report_value(report, "pfn", valid ? imp_address(pfn) : imp_null());
		imp_report_value(report, "flags", valid ? imp_string(flags) : imp_null());
		imp_report_close(report);
	}
	imp_report_close(report);
	for (size_t i = 0; at && i < 3; i++) {
		size_t length = strlen(rows[i]);

		while (length && rows[i][length - 1] == ' ')
			rows[i][--length] = '\0';
		imp_report_line(report, "%s", rows[i]);
	}
}

static bool in_dump(struct imp_session *session, const struct imp_page_walk *walk)
{
	return walk->resident && imp_dump_page(session->kernel->dump, walk->physical >> IMP_PAGE_SHIFT);
}

/* What programs read of a translation, in both commands. */
static void report_translation(struct imp_session *session, struct imp_report *report, const struct imp_page_walk *walk)
{
	imp_report_value(report, "state", imp_string(imp_page_state_name(walk->state)));
	imp_report_value(report, "page_size", walk->size ? imp_number(walk->size) : imp_null());
	imp_report_value(report, "physical", walk->resident ? imp_address(walk->physical) : imp_null());
	imp_report_value(report, "in_dump", imp_bool(in_dump(session, walk)));
}

/* CR4 says what the search for the kernel has assumed. */
static void check_levels(struct imp_session *session, const struct imp_page_walk *walk)
{
	struct imp_processor processor;
	uint64_t cr4;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_processor_read(session->kernel, 0, &processor);

	if (!err)
		err = imp_nt_read(session->kernel, IMP_PRCB_CR4, processor.prcb, &cr4);
	/* Zero: the lab and dumps without saved special registers. */
	if (!err && cr4 && (cr4 >> 12 & 1 ? 5 : 4) != walk->levels)
		imp_kernel_note(session->kernel, "processor 0's CR4 (%llx) speaks of %d levels of page tables, and the kernel was found with %u",
				(unsigned long long)cr4, cr4 >> 12 & 1 ? 5 : 4, walk->levels);
}

IMP_COMMAND(pte)
{
	struct imp_page_walk walk;
	uint64_t address, target;
	struct imp_error *err = imp_argument_last(session, &arguments, "the address to translate", &address);

	if (err)
		return err;
	if (imp_pte_target(session->kernel, address, &target))
		address = target;
	imp_memory_walk(session->kernel->memory, NULL, address, &walk);
	imp_report_line(report, "%45s %016llx", "VA", (unsigned long long)address);
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "levels", imp_number(walk.levels));
	report_entries(session, report, &walk);
	if (walk.last < walk.levels && !(walk.entries[walk.last].value & 1))
		report_software(session, report, "fields", walk.prototype ? IMP_PAGE_PROTOTYPE : walk.state, walk.entries[walk.last].value);
	if (walk.prototype)
		imp_report_pair(report, "prototype", imp_address(walk.prototype), "  Prototype entry at %016llX", (unsigned long long)walk.prototype);
	if (walk.prototype_read) {
		imp_report_pair(report, "prototype_value", imp_address(walk.prototype_value), "  contains %016llX",
				(unsigned long long)walk.prototype_value);
		if (!(walk.prototype_value & 1))
			report_software(session, report, "prototype_fields", walk.resident ? IMP_PAGE_TRANSITION : walk.state, walk.prototype_value);
	}
	if (imp_memory_paging(session->kernel->memory)->invalid_mask)
		imp_report_pair(report, "invalid_mask", imp_address(imp_memory_paging(session->kernel->memory)->invalid_mask),
				"  InvalidPteMask (L1TF): %016llx", (unsigned long long)imp_memory_paging(session->kernel->memory)->invalid_mask);
	if (in_dump(session, &walk))
		imp_report_line(report, "  Physical address %llx, %s", (unsigned long long)walk.physical, imp_page_state_name(walk.state));
	else
		imp_report_line(report, "  Cannot be read: %s", imp_page_state_text(&walk));
	report_translation(session, report, &walk);
	check_levels(session, &walk);
	return NULL;
}

/* The first argument of !vtop: the top page table's physical address, or its page number, or 0 for the current process. */
static uint64_t top_table(struct imp_session *session, uint64_t argument)
{
	bool is_address = !(argument & (IMP_PAGE_SIZE - 1)) && imp_dump_page(session->kernel->dump, argument >> IMP_PAGE_SHIFT);

	return is_address ? argument : argument << IMP_PAGE_SHIFT;
}

IMP_COMMAND(vtop)
{
	static const char *const names[IMP_PAGING_LEVELS] = { "PTE", "PDE", "PDPE", "PML4E", "PML5E" };
	struct imp_paging paging = *imp_memory_paging(session->kernel->memory);
	struct imp_page_walk walk;
	uint64_t first, address;
	bool process;
	struct imp_error *err = imp_argument(session, &arguments, "the address to translate", &first);

	process = !err && *imp_skip_blanks(arguments);
	address = first;
	if (process)
		err = imp_argument_last(session, &arguments, "the address to translate", &address);
	if (err)
		return err;
	if (process && first)
		paging.kernel_table = paging.user_table = top_table(session, first);
	imp_memory_walk(session->kernel->memory, &paging, address, &walk);
	first = address >> 63 ? paging.kernel_table : paging.user_table;
	imp_report_line(report, "Amd64VtoP: Virt %016llx, pagedir %016llx", (unsigned long long)address, (unsigned long long)first);
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "directory_table_base", imp_address(first));
	for (unsigned level = walk.levels; level-- > walk.last;)
		imp_report_line(report, "Amd64VtoP: %s %016llx", names[level], (unsigned long long)walk.entries[level].physical);
	report_translation(session, report, &walk);
	if (!walk.resident)
		return imp_error_fault(address, "virtual address %llx has no physical address: %s", (unsigned long long)address,
				       imp_page_state_text(&walk));
	if (walk.size > IMP_PAGE_SIZE)
		imp_report_line(report, "Amd64VtoP: Large page mapped phys %016llx", (unsigned long long)walk.physical);
	else
		imp_report_line(report, "Amd64VtoP: Mapped phys %016llx", (unsigned long long)walk.physical);
	imp_report_line(report, "Virtual address %llx translates to physical address %llx.", (unsigned long long)address,
			(unsigned long long)walk.physical);
	if (!in_dump(session, &walk))
		imp_kernel_note(session->kernel, "%s", imp_page_state_text(&walk));
	return NULL;
}
