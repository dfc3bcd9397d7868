/* A session: choosing the process and thread to look at. */
#include "command/session.h"
#include "nt/processor.h"
#include "nt/stack.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

uint64_t *imp_session_pseudo(struct imp_session *session, const char *name)
{
	char *end;
	unsigned long number;

	if (strncasecmp(name, "$t", 2) || !isdigit((unsigned char)name[2]))
		return NULL;
	number = strtoul(name + 2, &end, 10);
	return *end || number >= IMP_PSEUDO_REGISTERS ? NULL : &session->pseudo[number];
}

struct imp_error *imp_session_set_process(struct imp_session *session, uint64_t address)
{
	struct imp_process process;
	struct imp_error *err = imp_process_read(session->kernel, address, &process);

	if (err)
		return err;
	session->process = address;
	if (process.directory_table_base)
		imp_memory_set_process(session->kernel->memory, process.directory_table_base);
	return NULL;
}

struct imp_error *imp_session_set_thread(struct imp_session *session, uint64_t address)
{
	struct imp_thread thread;
	struct imp_error *err = imp_thread_read(session->kernel, address, &thread);

	if (!err) {
		session->thread = address;
		session->has_context = false;
	}
	return err;
}

/* The thread's, with its processor's flags and segments when it runs. */
static struct imp_error *thread_registers(struct imp_session *session, struct imp_session_registers *registers)
{
	struct imp_processor processor;
	struct imp_thread thread;
	struct imp_error *err = imp_thread_read(session->kernel, session->thread, &thread);

	if (!err)
		err = imp_thread_registers(session->kernel, &thread, &registers->general, &registers->exact);
	if (!err && registers->exact) {
		IMP_CLEANUP_ERROR struct imp_error *no_flags = imp_processor_running(session->kernel, session->thread, &processor);

		if (!no_flags)
			no_flags = imp_processor_context(session->kernel, &processor, &registers->others);
		registers->others_known = !no_flags;
	}
	return err;
}

struct imp_error *imp_session_registers(struct imp_session *session, struct imp_session_registers *registers)
{
	memset(registers, 0, sizeof(*registers));
	if (session->has_context)
		registers->others = session->context;
	else if (session->thread)
		return thread_registers(session, registers);
	else if (!imp_context_read(session->kernel->info.context, &registers->others) || !registers->others.marked)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no thread is chosen; .thread ADDRESS chooses one");
	registers->exact = registers->others_known = registers->from_context = true;
	imp_context_registers(&registers->others, &registers->general);
	return NULL;
}

void imp_session_start(struct imp_session *session, struct imp_kernel *kernel)
{
	uint64_t process = 0, system = 0;
	IMP_CLEANUP_ERROR struct imp_error *no_thread = NULL;
	IMP_CLEANUP_ERROR struct imp_error *no_system = NULL;

	*session = (struct imp_session){ .kernel = kernel, .processor = kernel->crash_processor };
	no_thread = imp_processor_thread(kernel, session->processor, &session->thread);
	if (!no_thread) {
		uint64_t pid;
		IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_read(kernel, IMP_THREAD_PROCESS, session->thread, &process);

		if (!err)
			err = imp_nt_read(kernel, IMP_PROCESS_PID, process, &pid);
		/* The idle process tells nobody anything: System is what a reader means. */
		if (err || !pid)
			process = 0;
	}
	no_system = imp_process_system(kernel, &system);
	session->process = process ? process : system;
}
