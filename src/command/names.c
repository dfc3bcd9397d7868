/* What the expressions of a session may name: symbols, the current process and thread, its registers, memory. */
#include "command/arguments.h"
#include "command/expression.h"
#include "nt/object.h"
#include "nt/stack.h"

#include <string.h>

/* The general registers in the order of struct imp_registers, rip behind them; WinDbg's pseudo-registers name two of them again. */
enum { RIP = 16 };
static const struct {
	const char *name;
	unsigned number;
} registers[] = {
	{ "rax", IMP_RAX },    { "rcx", IMP_RCX },    { "rdx", IMP_RDX },    { "rbx", IMP_RBX },    { "rsp", IMP_RSP },
	{ "rbp", IMP_RBP },    { "rsi", IMP_RSI },    { "rdi", IMP_RDI },    { "r8", IMP_R8 },      { "r9", IMP_R8 + 1 },
	{ "r10", IMP_R8 + 2 }, { "r11", IMP_R8 + 3 }, { "r12", IMP_R8 + 4 }, { "r13", IMP_R8 + 5 }, { "r14", IMP_R8 + 6 },
	{ "r15", IMP_R8 + 7 }, { "rip", RIP },        { "$ip", RIP },        { "$csp", IMP_RSP },
};

/* The number of the register `name`, -1 when it is none. */
static int register_number(const char *name)
{
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		if (!strcasecmp(registers[i].name, name))
			return (int)registers[i].number;
	}
	return -1;
}

/* A register of the current thread, or of the context that .cxr chose. */
static struct imp_error *read_register(struct imp_session *session, const char *name, unsigned number, uint64_t *value)
{
	struct imp_session_registers saved;
	struct imp_error *err = imp_session_registers(session, &saved);

	if (!err && !saved.exact && number != RIP && number != IMP_RSP && number != IMP_RBP)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "thread %016llx does not run: of its registers only rip, rsp and rbp are kept",
				    (unsigned long long)session->thread);
	if (err)
		return imp_error_context(err, "register %s", name);
	*value = number == RIP ? saved.general.rip : saved.general.gpr[number];
	return NULL;
}

static struct imp_error *session_symbol(void *context, const char *name, uint64_t *value)
{
	struct imp_session *session = context;
	const char *bare = name + (*name == '@');
	int number = register_number(bare);
	const uint64_t *pseudo = imp_session_pseudo(session, bare);

	if (number >= 0)
		return read_register(session, bare, (unsigned)number, value);
	if (pseudo)
		*value = *pseudo;
	else if (!strcasecmp(bare, "$proc"))
		*value = session->process;
	else if (!strcasecmp(bare, "$thread"))
		*value = session->thread;
	else if (bare != name && !strchr(bare, '!'))
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no register is named '%s'", bare);
	else
		return imp_symbol_address(session->kernel, bare, value);
	return NULL;
}

static struct imp_error *session_read(void *context, uint64_t address, size_t size, uint64_t *value)
{
	struct imp_session *session = context;

	*value = 0;
	return imp_memory_read(session->kernel->memory, address, value, size);
}

struct imp_expression_names imp_session_names(struct imp_session *session)
{
	return (struct imp_expression_names){ session, session_symbol, session_read };
}

struct imp_error *imp_argument(struct imp_session *session, const char **arguments, const char *what, uint64_t *value)
{
	struct imp_expression_names names = imp_session_names(session);

	*arguments = imp_skip_blanks(*arguments);
	if (!**arguments)
		return imp_error_new(IMP_ERROR_USAGE, "%s is missing", what);
	return imp_expression(&names, arguments, value);
}

struct imp_error *imp_argument_or(struct imp_session *session, const char **arguments, uint64_t otherwise, uint64_t *value)
{
	*arguments = imp_skip_blanks(*arguments);
	if (**arguments)
		return imp_argument(session, arguments, "an address", value);
	*value = otherwise;
	return NULL;
}

struct imp_error *imp_argument_process(struct imp_session *session, const char **arguments, uint64_t *address)
{
	struct imp_error *err = imp_argument_or(session, arguments, session->process, address);

	return !err && *address && *address <= UINT32_MAX ? imp_process_by_pid(session->kernel, *address, address) : err;
}

struct imp_error *imp_argument_last(struct imp_session *session, const char **arguments, const char *what, uint64_t *value)
{
	struct imp_error *err = imp_argument(session, arguments, what, value);

	return err ? err : imp_arguments_end(*arguments);
}

struct imp_error *imp_argument_last_or(struct imp_session *session, const char **arguments, uint64_t otherwise, uint64_t *value)
{
	struct imp_error *err = imp_argument_or(session, arguments, otherwise, value);

	return err ? err : imp_arguments_end(*arguments);
}

struct imp_error *imp_argument_object(struct imp_session *session, const char *arguments, const char *what, uint64_t *address)
{
	char path[512];
	struct imp_error *err;

	arguments = imp_skip_blanks(arguments);
	if (*arguments != '\\')
		return imp_argument_last(session, &arguments, what, address);
	imp_next_word(&arguments, path, sizeof(path));
	err = imp_arguments_end(arguments);
	return err ? err : imp_object_find(session->kernel, path, address);
}
