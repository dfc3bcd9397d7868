/* Commands that run others: !list for each element of a list, ~*COMMAND and ~NCOMMAND for the threads that processors run. */
#include "command/commands.h"
#include "command/line.h"
#include "nt/processor.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ELEMENTS = 10000, COMMAND_SIZE = 1024 };

/* Runs the commands of `line`, separated by ';'. Those of this file are refused, so that nothing goes round in circles. */
static struct imp_error *run_commands(struct imp_session *session, const char *line, struct imp_report *report)
{
	char text[COMMAND_SIZE];
	struct imp_error *err = NULL;

	imp_report_open_list(report, "results");
	while (!err && (line = imp_command_next(line, text, sizeof(text)))) {
		const char *arguments;
		const struct imp_command *command = imp_command_find(text, &arguments);

		if (!command || !command->run || command->run == imp_command_list || command->run == imp_command_choose_processor) {
			err = imp_error_new(IMP_ERROR_USAGE, "'%.*s' is no command that can be run for each", (int)strcspn(text, " \t"), text);
			break;
		}
		imp_report_open_object(report, NULL);
		imp_report_value(report, "command", imp_string(text));
		err = command->run(session, arguments, report);
		imp_report_close(report);
	}
	imp_report_close(report);
	return err;
}

struct link {
	uint64_t offset; /* of the link in an element */
	uint64_t back;   /* from what the link points to, to the start of the next element */
};

/* MODULE!TYPE.FIELD: a pointer to the type itself leads to the next element, any other (a LIST_ENTRY's Flink) to the entry in it. */
static struct imp_error *find_link(struct imp_session *session, const char *text, struct link *link)
{
	char type[256], parent[256];
	const char *name = strchr(text, '!') ? strchr(text, '!') + 1 : text, *dot = strchr(name, '.'), *last = strrchr(name, '.');
	struct imp_field field;
	struct imp_type target;
	struct imp_error *err = imp_kernel_need_symbols(session->kernel);

	if (!dot && !err)
		err = imp_error_new(IMP_ERROR_USAGE, "after -t comes MODULE!TYPE.FIELD, as in nt!_EPROCESS.ActiveProcessLinks.Flink");
	if (err)
		return err;
	if (name != text && strncasecmp(text, "nt!", 3))
		return imp_error_new(IMP_ERROR_USAGE, "!list knows types of nt only, not '%s'", text);
	snprintf(type, sizeof(type), "%.*s", (int)(dot - name), name);
	err = imp_field_find(session->kernel->nt.pdb, type, dot + 1, &field);
	if (!err && field.type.kind != IMP_TYPE_POINTER)
		err = imp_error_new(IMP_ERROR_USAGE, "%s is no pointer; a LIST_ENTRY is followed by its Flink", dot + 1);
	if (!err)
		err = imp_type_at(field.type.pdb, field.type.element, &target);
	if (err)
		return err;
	*link = (struct link){ .offset = field.offset };
	if (target.name && !strcmp(target.name, type))
		return NULL;
	if (last == dot) /* a field of the list entry itself */
		return NULL;
	snprintf(parent, sizeof(parent), "%.*s", (int)(last - dot - 1), dot + 1);
	err = imp_field_find(session->kernel->nt.pdb, type, parent, &field);
	link->back = err ? 0 : field.offset;
	return err;
}

/* The command for one element: its address takes the place of @$extret, or stands between the command and `extra`. */
static void make_command(const char *command, const char *extra, uint64_t address, char *text, size_t size)
{
	static const char name[] = "@$extret";
	const char *at = strstr(command, name);
	size_t length = 0;

	if (!at) {
		snprintf(text, size, "%s %llx %s", command, (unsigned long long)address, extra);
		return;
	}
	*text = '\0';
	for (; at && length < size; command = at + strlen(name), at = strstr(command, name))
		length += (size_t)snprintf(text + length, size - length, "%.*s%llx", (int)(at - command), command, (unsigned long long)address);
	if (length < size)
		snprintf(text + length, size - length, "%s %s", command, extra);
}

struct options {
	char link[256], command[512], extra[256];
	uint64_t limit;
};

/* -t LINK -x "COMMAND" -a "ARGUMENTS" -m LIMIT -e, in any order before the address. */
static struct imp_error *parse_options(struct imp_session *session, const char **arguments, struct options *options)
{
	char word[512];

	for (*arguments = imp_skip_blanks(*arguments); **arguments == '-'; *arguments = imp_skip_blanks(*arguments)) {
		char option = (*arguments)[1];
		struct imp_error *err;

		if (!option || !strchr("txame", option) || ((*arguments)[2] && !isspace((unsigned char)(*arguments)[2])))
			return imp_error_new(IMP_ERROR_USAGE, "!list knows the options -t, -x, -a, -m and -e, not '%.8s'", *arguments);
		*arguments += 2;
		if (option == 'e') /* echo: each element is announced anyway */
			continue;
		if (option == 'm') {
			err = imp_argument(session, arguments, "a number after -m", &options->limit);
			if (err)
				return err;
			continue;
		}
		if (!imp_next_word(arguments, word, sizeof(word)))
			return imp_error_new(IMP_ERROR_USAGE, "something is missing after -%c", option);
		snprintf(option == 't'   ? options->link
			 : option == 'x' ? options->command
					 : options->extra,
			 option == 't'   ? sizeof(options->link)
			 : option == 'x' ? sizeof(options->command)
					 : sizeof(options->extra),
			 "%s", word);
	}
	return NULL;
}

IMP_COMMAND(list)
{
	struct options options = { .command = "dp", .limit = MAX_ELEMENTS };
	struct link link = { 0 };
	char whole[COMMAND_SIZE], text[COMMAND_SIZE];
	uint64_t first, element, next;
	struct imp_error *err;

	/* The documented form has all options in one pair of quotes, and quotes within escaped. */
	if (*arguments == '"') {
		size_t length = 0;

		for (const char *at = arguments + 1; *at && length + 1 < sizeof(whole); at++) {
			if (*at == '"' && at[-1] != '\\')
				break;
			if (*at != '\\' || at[1] != '"')
				whole[length++] = *at;
		}
		whole[length] = '\0';
		arguments = whole;
	}
	err = parse_options(session, &arguments, &options);
	if (!err && *options.link)
		err = find_link(session, options.link, &link);
	if (!err)
		err = imp_argument_last(session, &arguments, "the address of the first element", &first);
	if (err)
		return err;
	imp_report_open_list(report, "elements");
	element = first;
	for (uint64_t count = 0; !err && element && !imp_session_interrupted(session); count++) {
		if (count == options.limit || count == MAX_ELEMENTS) {
			imp_kernel_note(session->kernel, "the list goes on at %016llx after the %llu elements shown", (unsigned long long)element,
					(unsigned long long)count);
			break;
		}
		imp_report_open_object(report, NULL);
		if (count)
			imp_report_line(report, "%s", "");
		imp_report_pair(report, "element", imp_address(element), "---- %016llx", (unsigned long long)element);
		make_command(options.command, options.extra, element, text, sizeof(text));
		err = run_commands(session, text, report);
		imp_report_close(report);
		if (!err)
			err = imp_memory_u64(session->kernel->memory, element + link.offset, &next);
		element = err || !next || next - link.back == first ? 0 : next - link.back;
	}
	imp_report_close(report);
	return err;
}

struct processors {
	struct imp_session *session;
	struct imp_report *report;
	const char *command;
	struct imp_error *err;
};

/* Makes what `processor` runs the current thread. A small dump need not have the thread; then the processor's registers count. */
static struct imp_error *look_at(struct imp_session *session, const struct imp_processor *processor)
{
	struct imp_error *err = imp_session_set_thread(session, processor->current_thread);
	struct imp_context context;

	if (!err || !imp_dump_is_virtual(session->kernel->dump))
		return err;
	imp_error_free(err);
	err = imp_processor_context(session->kernel, processor, &context);
	if (err)
		return err;
	session->thread = processor->current_thread;
	session->context = context;
	session->has_context = true;
	return NULL;
}

static bool run_on(void *context, const struct imp_processor *processor)
{
	struct processors *processors = context;
	struct imp_session *session = processors->session;
	const struct imp_session before = *session;

	imp_report_open_object(processors->report, NULL);
	imp_report_line(processors->report, "Processor %u, thread %016llx", processor->number, (unsigned long long)processor->current_thread);
	imp_report_value(processors->report, "processor", imp_number(processor->number));
	imp_report_value(processors->report, "thread", imp_address(processor->current_thread));
	processors->err = look_at(session, processor);
	if (!processors->err)
		processors->err = run_commands(session, processors->command, processors->report);
	session->thread = before.thread;
	session->has_context = before.has_context;
	session->context = before.context;
	imp_report_line(processors->report, "%s", "");
	imp_report_close(processors->report);
	return !processors->err && !imp_session_interrupted(session);
}

static struct imp_error *choose(struct imp_session *session, unsigned long number, struct imp_report *report)
{
	struct imp_processor processor;
	struct imp_error *err = imp_processor_read(session->kernel, (unsigned)number, &processor);

	if (!err)
		err = look_at(session, &processor);
	if (err)
		return err;
	session->processor = (unsigned)number;
	session->code_next = 0;
	imp_report_value(report, "processor", imp_number(number));
	imp_report_value(report, "thread", imp_address(processor.current_thread));
	return NULL;
}

/* Ns, N COMMAND, * COMMAND */
IMP_COMMAND(choose_processor)
{
	struct processors processors = { .session = session, .report = report };
	bool all = *arguments == '*';
	char *end = (char *)arguments + 1;
	unsigned long number = all ? 0 : strtoul(arguments, &end, 10);
	struct imp_processor processor;
	struct imp_error *err = NULL;

	if (end == arguments || number >= IMP_MAXIMUM_PROCESSORS || !*imp_skip_blanks(end))
		return imp_error_new(IMP_ERROR_USAGE, "~0s, ~1s ... choose a processor; ~*COMMAND and ~0COMMAND run one for what processors run");
	if (!all && tolower((unsigned char)*end) == 's' && !*imp_skip_blanks(end + 1))
		return choose(session, number, report);
	processors.command = imp_skip_blanks(end);
	if (!all)
		err = imp_processor_read(session->kernel, (unsigned)number, &processor);
	if (err)
		return err;
	imp_report_open_list(report, "processors");
	if (all)
		err = imp_processor_each(session->kernel, run_on, &processors);
	else
		run_on(&processors, &processor);
	imp_report_close(report);
	imp_error_free(err ? processors.err : NULL);
	return err ? err : processors.err;
}
