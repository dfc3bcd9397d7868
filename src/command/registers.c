/* r: the registers of the current thread. ~Ns: another processor, with the thread that it runs. */
#include "command/code.h"
#include "command/commands.h"
#include "command/crash.h"
#include "nt/processor.h"
#include "nt/stack.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RIP = 16, FLAGS = 17, PER_LINE = 3 };

/* In the order that WinDbg shows them; the number is that of struct imp_registers. */
static const struct {
	const char *name;
	unsigned number;
} shown[] = {
	{ "rax", IMP_RAX },    { "rbx", IMP_RBX },    { "rcx", IMP_RCX },    { "rdx", IMP_RDX },    { "rsi", IMP_RSI },    { "rdi", IMP_RDI },
	{ "rip", RIP },        { "rsp", IMP_RSP },    { "rbp", IMP_RBP },    { "r8", IMP_R8 },      { "r9", IMP_R8 + 1 },  { "r10", IMP_R8 + 2 },
	{ "r11", IMP_R8 + 3 }, { "r12", IMP_R8 + 4 }, { "r13", IMP_R8 + 5 }, { "r14", IMP_R8 + 6 }, { "r15", IMP_R8 + 7 }, { "efl", FLAGS },
};
enum { SHOWN_COUNT = sizeof(shown) / sizeof(shown[0]), FLAGS_ROW = SHOWN_COUNT - 1 };

/* Whether register `row` is kept: a thread that does not run has only what its last switch saved. */
static bool value_of(const struct imp_session_registers *registers, size_t row, uint64_t *value)
{
	unsigned number = shown[row].number;

	*value = number == FLAGS ? registers->others.flags : number == RIP ? registers->general.rip : registers->general.gpr[number];
	if (number == FLAGS)
		return registers->others_known;
	return registers->exact || number == RIP || number == IMP_RSP || number == IMP_RBP;
}

static void format_register(const struct imp_session_registers *registers, size_t row, char *text, size_t size)
{
	uint64_t value;

	if (!value_of(registers, row, &value))
		snprintf(text, size, "%s=%s", shown[row].name, row == FLAGS_ROW ? "????????" : "????????????????");
	else
		snprintf(text, size, "%s=%0*llx", shown[row].name, row == FLAGS_ROW ? 8 : 16, (unsigned long long)value);
}

/* EFLAGS' bits in the order that WinDbg names them, when set and when clear (Intel's manual, volume 1, 3.4.3). */
static void report_flags(struct imp_report *report, const struct imp_context *others)
{
	static const struct {
		unsigned bit;
		const char *set, *clear;
	} bits[] = { { 11, "ov", "nv" }, { 10, "dn", "up" }, { 9, "ei", "di" }, { 7, "ng", "pl" },
		     { 6, "zr", "nz" },  { 4, "ac", "na" },  { 2, "pe", "po" }, { 0, "cy", "nc" } };
	char text[64] = "";

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", others->flags >> bits[i].bit & 1 ? bits[i].set : bits[i].clear);
	imp_report_line(report, "iopl=%u        %s", (unsigned)(others->flags >> 12 & 3), text);
	imp_report_line(report, "cs=%04x  ss=%04x  ds=%04x  es=%04x  fs=%04x  gs=%04x             efl=%08x", (unsigned)others->cs,
			(unsigned)others->ss, (unsigned)others->ds, (unsigned)others->es, (unsigned)others->fs, (unsigned)others->gs,
			(unsigned)others->flags);
}

struct imp_error *imp_report_registers(struct imp_session *session, struct imp_report *report, const struct imp_session_registers *registers)
{
	char line[128] = "";

	for (size_t i = 0; i < FLAGS_ROW; i++) {
		char text[40];

		format_register(registers, i, text, sizeof(text));
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%s%s", i % PER_LINE ? " " : "", strlen(shown[i].name) == 2 ? " " : "",
			 text);
		if (i % PER_LINE == PER_LINE - 1 || i == FLAGS_ROW - 1) {
			imp_report_line(report, "%s", line);
			*line = '\0';
		}
	}
	if (registers->others_known)
		report_flags(report, &registers->others);
	if (!registers->exact)
		imp_report_note(report, "thread %016llx does not run: of its registers only rip, rsp and rbp are kept",
				(unsigned long long)session->thread);
	/* Registers are worth having without the code that they point to. */
	imp_kernel_note_error(session->kernel, imp_report_instruction_at(session, report, registers->general.rip));
	return NULL;
}

/* $tN, or $tN = EXPRESSION. */
static struct imp_error *pseudo_register(struct imp_session *session, const char *arguments, struct imp_report *report, bool *taken)
{
	struct imp_expression_names names = imp_session_names(session);
	size_t length = strcspn(arguments, "= \t");
	char name[8];
	uint64_t *pseudo;

	snprintf(name, sizeof(name), "%.*s", (int)(length < sizeof(name) ? length : 0), arguments);
	pseudo = imp_session_pseudo(session, name);
	*taken = pseudo;
	if (!pseudo)
		return NULL;
	arguments = imp_skip_blanks(arguments + length);
	if (*arguments == '=')
		return imp_expression_whole(&names, imp_skip_blanks(arguments + 1), pseudo);
	imp_report_line(report, "%s=%016llx", name, (unsigned long long)*pseudo);
	imp_report_value(report, "name", imp_string(name));
	imp_report_value(report, "value", imp_address(*pseudo));
	return imp_arguments_end(arguments);
}

IMP_COMMAND(r)
{
	struct imp_session_registers registers;
	bool wanted[SHOWN_COUNT] = { false };
	size_t count = 0;
	char name[32];
	bool taken;
	struct imp_error *err;

	arguments = imp_skip_blanks(arguments);
	err = pseudo_register(session, arguments + (*arguments == '@'), report, &taken);
	if (err || taken)
		return err;
	for (; *arguments; arguments += strspn(arguments, ", \t")) {
		size_t length = strcspn(arguments += *arguments == '@', ", \t"), i;

		snprintf(name, sizeof(name), "%.*s", (int)length, arguments);
		arguments += length;
		if (strchr(name, '='))
			return imp_error_new(IMP_ERROR_USAGE, "'%s': a dump's registers cannot be changed", name);
		for (i = 0; i < SHOWN_COUNT && strcasecmp(name, shown[i].name); i++)
			;
		if (i == SHOWN_COUNT)
			return imp_error_new(IMP_ERROR_NOT_FOUND, "no register is named '%s'", name);
		wanted[i] = true;
		count++;
	}
	err = imp_session_registers(session, &registers);
	if (err)
		return err;
	imp_report_open_object(report, "registers");
	for (size_t i = 0; i < SHOWN_COUNT; i++) {
		uint64_t value;
		char text[40];

		if (count && !wanted[i])
			continue;
		imp_report_value(report, shown[i].name, value_of(&registers, i, &value) ? imp_address(value) : imp_null());
		if (!count)
			continue;
		format_register(&registers, i, text, sizeof(text));
		imp_report_line(report, "%s", text);
	}
	imp_report_close(report);
	return count ? NULL : imp_report_registers(session, report, &registers);
}
