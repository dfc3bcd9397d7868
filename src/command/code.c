/* u ub uf: machine code as instructions. */
#include "nt/code.h"
#include "command/code.h"
#include "command/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_COUNT = 8, MAX_INSTRUCTIONS = 0x10000, BYTES_WIDTH = 15, MNEMONIC_WIDTH = 7 };

/* A listing that goes on from instruction to instruction. */
struct listing {
	struct imp_session *session;
	struct imp_report *report;
	struct imp_code code;
	size_t count;
	uint32_t line;    /* of the last instruction */
	bool in_function; /* uf: lines are numbers in front, labels are the blocks' */
};

static void listing_begin(struct imp_session *session, struct imp_report *report, struct listing *listing)
{
	*listing = (struct listing){ .session = session, .report = report };
	imp_code_open(session->kernel, &listing->code);
	imp_report_open_list(report, "instructions");
}

static void listing_end(struct listing *listing)
{
	imp_report_close(listing->report);
	imp_code_close(&listing->code);
}

/* "nt!KiSwapContext+0x10:", with its source line. */
static void label(struct listing *listing, const struct imp_name *name)
{
	if (listing->in_function && listing->count)
		imp_report_line(listing->report, "%s", "");
	if (name->file[0])
		imp_report_line(listing->report, "%s [%s @ %u]:", *name->resolved ? name->resolved : name->text, name->file, name->line);
	else
		imp_report_line(listing->report, "%s:", *name->resolved ? name->resolved : name->text);
}

static void report_line(struct listing *listing, const struct imp_instruction *instruction, const struct imp_name *name)
{
	char bytes[2 * IMP_INSTRUCTION_BYTES + 1] = "", number[16] = "", text[512];

	for (unsigned i = 0; i < instruction->length; i++)
		snprintf(bytes + 2 * (size_t)i, 3, "%02x", instruction->bytes[i]);
	if (listing->in_function && name->line)
		snprintf(number, sizeof(number), "%5u ", name->line);
	if (*instruction->operands)
		snprintf(text, sizeof(text), "%-*s %s", MNEMONIC_WIDTH, instruction->mnemonic, instruction->operands);
	else
		snprintf(text, sizeof(text), "%s", instruction->mnemonic);
	imp_report_line(listing->report, "%s%08x`%08x %-*s %s", number, (unsigned)(instruction->address >> 32), (unsigned)instruction->address,
			BYTES_WIDTH, bytes, text);
	imp_report_open_object(listing->report, NULL);
	imp_report_value(listing->report, "address", imp_address(instruction->address));
	imp_report_value(listing->report, "bytes", imp_string(bytes));
	imp_report_value(listing->report, "mnemonic", imp_string(instruction->mnemonic));
	imp_report_value(listing->report, "operands", imp_string(instruction->operands));
	imp_report_value(listing->report, "target", instruction->has_target ? imp_address(instruction->target) : imp_null());
	imp_report_value(listing->report, "symbol", name->module ? imp_string(*name->resolved ? name->resolved : name->text) : imp_null());
	imp_report_value(listing->report, "file", *name->file ? imp_string(name->file) : imp_null());
	imp_report_value(listing->report, "line", *name->file ? imp_number(name->line) : imp_null());
	imp_report_value(listing->report, "from_file", imp_bool(instruction->from_file));
	imp_report_close(listing->report);
}

/* Lists one instruction; `force_label` begins a block. */
static void list(struct listing *listing, const struct imp_instruction *instruction, bool force_label)
{
	struct imp_name name;
	bool new_place;

	imp_symbolize(listing->session->kernel, instruction->address, false, &name);
	new_place = !listing->count || !name.displacement || (!listing->in_function && name.line && name.line != listing->line);
	if (force_label || new_place)
		label(listing, &name);
	if (instruction->from_file)
		imp_report_note(listing->report, "code that the dump lacks is that of the image file of %s", name.module ? name.module->name : "?");
	report_line(listing, instruction, &name);
	listing->line = name.line;
	listing->count++;
}

/* Lists `count` instructions from `at` on, those that begin before `end`. What is not at hand ends the list with its reason. */
static struct imp_error *list_from(struct listing *listing, uint64_t at, uint64_t end, size_t count, uint64_t *next)
{
	for (; count && at < end && !imp_session_interrupted(listing->session); count--) {
		struct imp_instruction instruction;
		struct imp_error *err = imp_code_instruction(&listing->code, at, &instruction);

		if (err) {
			imp_report_line(listing->report, "%08x`%08x %-*s ???", (unsigned)(at >> 32), (unsigned)at, BYTES_WIDTH, "??");
			return err;
		}
		list(listing, &instruction, false);
		at += instruction.length;
		*next = at;
	}
	return NULL;
}

struct imp_error *imp_report_instruction_at(struct imp_session *session, struct imp_report *report, uint64_t address)
{
	struct listing listing;
	uint64_t next;
	struct imp_error *err;

	listing_begin(session, report, &listing);
	err = list_from(&listing, address, UINT64_MAX, 1, &next);
	listing_end(&listing);
	return err;
}

/* Where the current thread stands. */
static struct imp_error *current_code(struct imp_session *session, uint64_t *address)
{
	struct imp_expression_names names = imp_session_names(session);

	return names.symbol(names.context, "@rip", address);
}

/* [ADDRESS] [L COUNT | END]. */
static struct imp_error *parse(struct imp_session *session, const char *arguments, bool backward, uint64_t *address, uint64_t *end, uint64_t *count)
{
	struct imp_error *err = NULL;

	arguments = imp_skip_blanks(arguments);
	*end = UINT64_MAX;
	*count = DEFAULT_COUNT;
	if (*arguments)
		err = imp_argument(session, &arguments, "an address", address);
	else if (session->code_next)
		*address = session->code_next;
	else
		err = current_code(session, address);
	arguments = imp_skip_blanks(arguments);
	if (!err && (*arguments == 'L' || *arguments == 'l')) {
		arguments++;
		err = imp_argument(session, &arguments, "a count after L", count);
	} else if (!err && *arguments && !backward) {
		err = imp_argument(session, &arguments, "an end", end);
		if (!err && *end < *address)
			err = imp_error_new(IMP_ERROR_USAGE, "the range ends before it begins");
		*end += *end != UINT64_MAX;
		*count = MAX_INSTRUCTIONS;
	}
	if (!err)
		err = imp_arguments_end(arguments);
	if (!err && (!*count || *count > MAX_INSTRUCTIONS))
		err = imp_error_new(IMP_ERROR_USAGE, "1 to 0x%x instructions can be shown at once", MAX_INSTRUCTIONS);
	return err;
}

IMP_COMMAND(u)
{
	struct listing listing;
	uint64_t address, end, count;
	struct imp_error *err = parse(session, arguments, false, &address, &end, &count);

	if (err)
		return err;
	listing_begin(session, report, &listing);
	err = list_from(&listing, address, end, (size_t)count, &session->code_next);
	listing_end(&listing);
	return err;
}

IMP_COMMAND(ub)
{
	struct listing listing;
	uint64_t address, end, count, start, next;
	struct imp_error *err = parse(session, arguments, true, &address, &end, &count);

	if (err)
		return err;
	listing_begin(session, report, &listing);
	err = imp_code_before(&listing.code, address, (size_t)count, &start);
	if (!err)
		err = list_from(&listing, start, address, (size_t)count, &next);
	if (!err)
		session->code_next = start;
	listing_end(&listing);
	return err;
}

/* Where blocks of a function begin: what its branches lead to. */
struct blocks {
	uint64_t *starts;
	size_t count, capacity;
};

static bool add_block(struct blocks *blocks, uint64_t address)
{
	if (blocks->count == blocks->capacity) {
		size_t capacity = blocks->capacity ? 2 * blocks->capacity : 64;
		uint64_t *more = realloc(blocks->starts, capacity * sizeof(*more));

		if (!more)
			return false;
		blocks->starts = more;
		blocks->capacity = capacity;
	}
	blocks->starts[blocks->count++] = address;
	return true;
}

static int by_address(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static struct imp_error *find_blocks(struct listing *listing, const struct imp_code_range *ranges, size_t count, struct blocks *blocks)
{
	struct imp_instruction instruction;
	bool enough = true;

	for (size_t i = 0; i < count; i++) {
		for (uint64_t at = ranges[i].begin; at < ranges[i].end; at += instruction.length) {
			struct imp_error *err = imp_code_instruction(&listing->code, at, &instruction);

			if (err)
				return err;
			if (imp_session_interrupted(listing->session))
				return imp_session_interruption();
			if (instruction.is_branch)
				enough &= add_block(blocks, instruction.target);
			if (instruction.is_branch || instruction.ends_flow)
				enough &= add_block(blocks, at + instruction.length);
		}
		enough &= add_block(blocks, ranges[i].begin);
	}
	if (!enough)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the blocks of a function");
	if (blocks->count)
		qsort(blocks->starts, blocks->count, sizeof(*blocks->starts), by_address);
	return NULL;
}

static struct imp_error *list_function(struct listing *listing, const struct imp_code_range *ranges, size_t count, const struct blocks *blocks,
				       bool calls)
{
	struct imp_instruction instruction;

	for (size_t i = 0; i < count; i++) {
		for (uint64_t at = ranges[i].begin; at < ranges[i].end; at += instruction.length) {
			struct imp_error *err = imp_code_instruction(&listing->code, at, &instruction);

			if (err)
				return err;
			if (imp_session_interrupted(listing->session))
				return NULL;
			if (!calls || !strcmp(instruction.mnemonic, "call"))
				list(listing, &instruction,
				     !calls && listing->count && blocks->count &&
					     bsearch(&at, blocks->starts, blocks->count, sizeof(at), by_address));
		}
	}
	return NULL;
}

IMP_COMMAND(uf)
{
	struct listing listing;
	struct imp_code_range ranges[IMP_CODE_RANGES];
	struct blocks blocks = { 0 };
	size_t count = 0;
	uint64_t address;
	bool calls = !strncmp(arguments, "/c", 2) && strchr(" \t", arguments[2]);
	struct imp_error *err;

	arguments = imp_skip_blanks(arguments + (calls ? 2 : 0));
	err = *arguments ? imp_argument_last(session, &arguments, "an address", &address) : current_code(session, &address);
	if (err)
		return err;
	listing_begin(session, report, &listing);
	listing.in_function = true;
	err = imp_code_function(&listing.code, address, ranges, &count);
	if (!err)
		err = find_blocks(&listing, ranges, count, &blocks);
	if (!err)
		err = list_function(&listing, ranges, count, &blocks, calls);
	listing_end(&listing);
	free(blocks.starts);
	return err;
}
