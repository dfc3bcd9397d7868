/* The public interface of libimpasse: see impasse/impasse.h. What a question means is the other folders'; here: handles, and that no internal structure
 * crosses the border.
 */
#include "impasse/impasse.h"

#include "command/command.h"
#include "command/expression.h"
#include "nt/modules.h"
#include "nt/symbolize.h"
#include "types/types.h"

#include <stdlib.h>
#include <string.h>

struct impasse_dump {
	struct imp_session session;
	volatile sig_atomic_t stop;
};

/* The codes are the same numbers, so that errors need no translation. */
_Static_assert((int)IMPASSE_NO_MEMORY == (int)IMP_ERROR_NO_MEMORY && (int)IMPASSE_IO == (int)IMP_ERROR_IO &&
		       (int)IMPASSE_FORMAT == (int)IMP_ERROR_FORMAT && (int)IMPASSE_NOT_FOUND == (int)IMP_ERROR_NOT_FOUND &&
		       (int)IMPASSE_FAULT == (int)IMP_ERROR_FAULT && (int)IMPASSE_MISMATCH == (int)IMP_ERROR_MISMATCH &&
		       (int)IMPASSE_USAGE == (int)IMP_ERROR_USAGE && (int)IMPASSE_INTERRUPTED == (int)IMP_ERROR_INTERRUPTED,
	       "the public error codes are those of base/error.h");

static struct impasse_error *give(struct imp_error *err)
{
	return (struct impasse_error *)err;
}

static const struct imp_error *take(const struct impasse_error *error)
{
	return (const struct imp_error *)error;
}

const char *impasse_error_message(const struct impasse_error *error)
{
	return imp_error_message(take(error));
}

enum impasse_code impasse_error_code(const struct impasse_error *error)
{
	return (enum impasse_code)imp_error_code(take(error));
}

void impasse_error_free(struct impasse_error *error)
{
	imp_error_free((struct imp_error *)error);
}

const char *impasse_version(void)
{
	return IMPASSE_VERSION;
}

/* A dump's own flag is the calling thread's from here on. */
static struct imp_kernel *enter(struct impasse_dump *dump)
{
	imp_watch_flag(&dump->stop);
	return dump->session.kernel;
}

/* Notes are a command's; questions without a report forget theirs. */
static struct impasse_error *leave(struct impasse_dump *dump, struct imp_error *err)
{
	imp_kernel_notes(dump->session.kernel, NULL, NULL);
	imp_watch_flag(NULL);
	return give(err);
}

struct impasse_error *impasse_open(const char *file, const char *symbol_path, const char *image_path, struct impasse_dump **result)
{
	struct impasse_dump *dump = calloc(1, sizeof(*dump));
	struct imp_kernel *kernel;
	struct imp_error *err;

	*result = NULL;
	if (!dump)
		return give(imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory to open %s", file));
	err = imp_kernel_open(file, symbol_path, image_path, &kernel);
	if (err) {
		free(dump);
		return give(err);
	}
	imp_session_start(&dump->session, kernel);
	*result = dump;
	return leave(dump, NULL);
}

void impasse_close(struct impasse_dump *dump)
{
	if (dump)
		imp_kernel_close(dump->session.kernel);
	free(dump);
}

void impasse_stop(struct impasse_dump *dump)
{
	dump->stop = 1;
}

void impasse_go_on(struct impasse_dump *dump)
{
	dump->stop = 0;
}

struct impasse_error *impasse_run(struct impasse_dump *dump, const char *command, enum impasse_format format, char **result, size_t *size)
{
	struct imp_report *report = imp_report_new();
	size_t length = 0;
	FILE *to = NULL;
	struct imp_error *err;

	*result = NULL;
	enter(dump);
	if (report)
		to = open_memstream(result, &length);
	if (!to) {
		imp_report_free(report);
		return leave(dump, imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for '%s'", command));
	}
	err = imp_command_run(&dump->session, command, report);
	if (format == IMPASSE_JSON)
		imp_report_json(report, command, err ? imp_error_message(err) : NULL, to);
	else
		imp_report_text(report, false, to);
	imp_report_free(report);
	if (fclose(to)) {
		free(*result);
		*result = NULL;
		imp_error_free(err);
		err = imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the result of '%s'", command);
	}
	if (size)
		*size = length;
	return leave(dump, err);
}

void impasse_result_free(char *result)
{
	free(result);
}

struct process_visit {
	struct imp_kernel *kernel;
	bool (*visit)(void *context, const struct impasse_process *process);
	void *context;
};

static bool give_process(void *context, uint64_t address)
{
	const struct process_visit *visit = context;
	struct imp_process process;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_process_read(visit->kernel, address, &process);
	struct impasse_process given = {
		.address = process.address,
		.pid = process.pid,
		.parent_pid = process.parent_pid,
		.name = process.name,
		.thread_count = process.active_threads,
		.ended = process.is_zombie,
	};

	return err ? imp_error_code(err) != IMP_ERROR_INTERRUPTED : visit->visit(visit->context, &given);
}

struct impasse_error *impasse_processes(struct impasse_dump *dump, bool (*visit)(void *context, const struct impasse_process *process), void *context)
{
	struct process_visit process_visit = { enter(dump), visit, context };

	return leave(dump, imp_process_each(process_visit.kernel, give_process, &process_visit));
}

struct thread_visit {
	struct imp_kernel *kernel;
	bool (*visit)(void *context, const struct impasse_thread *thread);
	void *context;
};

static bool give_thread(void *context, uint64_t address)
{
	const struct thread_visit *visit = context;
	struct imp_thread thread;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_thread_read(visit->kernel, address, &thread);
	struct impasse_thread given = {
		.address = thread.address,
		.process = thread.process,
		.pid = thread.pid,
		.tid = thread.tid,
		.state = thread.state_name,
		.wait_reason = thread.waits ? thread.wait_reason_name : NULL,
		.state_ms = thread.wait_time_ms,
		.kernel_ms = thread.kernel_time_ms,
		.user_ms = thread.user_time_ms,
		.context_switches = thread.context_switches,
	};

	return err ? imp_error_code(err) != IMP_ERROR_INTERRUPTED : visit->visit(visit->context, &given);
}

struct impasse_error *impasse_threads(struct impasse_dump *dump, uint64_t process, bool (*visit)(void *context, const struct impasse_thread *thread),
				      void *context)
{
	struct thread_visit thread_visit = { enter(dump), visit, context };

	return leave(dump, imp_thread_each(thread_visit.kernel, process, give_thread, &thread_visit));
}

struct impasse_error *impasse_modules(struct impasse_dump *dump, bool (*visit)(void *context, const struct impasse_module *module), void *context)
{
	struct imp_kernel *kernel = enter(dump);
	bool go_on = true;

	for (size_t i = 0; i < kernel->module_count && go_on; i++) {
		const struct imp_module *module = &kernel->modules[i];
		const struct impasse_module given = { module->base, module->size, module->time_date_stamp,
						      module->name, module->path, module->unloaded };

		go_on = visit(context, &given);
	}
	return leave(dump, kernel->module_count ? NULL : imp_kernel_need_symbols(kernel));
}

struct impasse_error *impasse_read(struct impasse_dump *dump, uint64_t address, void *buffer, size_t size)
{
	return leave(dump, imp_memory_read(enter(dump)->memory, address, buffer, size));
}

struct impasse_error *impasse_evaluate(struct impasse_dump *dump, const char *expression, uint64_t *value)
{
	struct imp_expression_names names = imp_session_names(&dump->session);

	enter(dump);
	return leave(dump, imp_expression_whole(&names, expression, value));
}

void impasse_name(struct impasse_dump *dump, uint64_t address, char *name, size_t size)
{
	struct imp_name found;

	imp_symbolize(enter(dump), address, false, &found);
	if (size)
		strncat(strcpy(name, ""), found.text, size - 1);
	leave(dump, NULL);
}

struct impasse_error *impasse_field(struct impasse_dump *dump, const char *type, const char *path, struct impasse_field *field)
{
	struct imp_kernel *kernel = enter(dump);
	const char *mark = strchr(type, '!');
	struct imp_module *module = mark ? imp_module_named(kernel, type, (size_t)(mark - type)) : &kernel->nt;
	struct imp_field found = { 0 };
	struct imp_pdb *pdb;
	struct imp_error *err;

	if (!module)
		return leave(dump, imp_error_new(IMP_ERROR_NOT_FOUND, "no module is named '%.*s'", (int)(mark - type), type));
	err = imp_module_pdb(kernel, module, &pdb);
	if (!err && *path)
		err = imp_field_find(pdb, mark ? mark + 1 : type, path, &found);
	else if (!err)
		err = imp_type_find(pdb, mark ? mark + 1 : type, &found.type);
	*field = (struct impasse_field){ found.offset, found.type.size, found.type.bit_position, found.type.bit_length };
	return leave(dump, err);
}
