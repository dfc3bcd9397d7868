/* Processes: what EPROCESS says of one, and the list of all. */
#include "nt/process.h"
#include "nt/dispatcher.h"

#include <stdio.h>
#include <string.h>

enum { MAX_PROCESSES = 65536, IMAGE_FILE_NAME_LENGTH = 15 };

/* The full name comes from the audit information; ImageFileName holds only its first 15 characters. */
void imp_process_name(struct imp_kernel *kernel, uint64_t address, char *name, size_t size)
{
	uint64_t offset, information;
	char path[512] = "";
	const char *base;

	if (imp_nt_offset(kernel, IMP_PROCESS_AUDIT_NAME, &offset)) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_memory_u64(kernel->memory, address + offset, &information);

		/* It points at an OBJECT_NAME_INFORMATION, which begins with a UNICODE_STRING. */
		if (!err && information)
			err = imp_nt_string(kernel, information, path, sizeof(path));
	}
	base = strrchr(path, '\\') ? strrchr(path, '\\') + 1 : path;
	if (!*base && imp_nt_offset(kernel, IMP_PROCESS_IMAGE, &offset)) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_memory_read(kernel->memory, address + offset, path, IMAGE_FILE_NAME_LENGTH);

		path[err ? 0 : IMAGE_FILE_NAME_LENGTH] = '\0';
		for (char *at = path; *at; at++) {
			if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
				*at = '?';
		}
		base = path;
	}
	snprintf(name, size, "%s", base);
}

/* Token -> logon session -> "AUTHORITY\account". Not every kernel or process has one. */
static void read_user(struct imp_kernel *kernel, uint64_t address, struct imp_process *process)
{
	uint64_t token = 0, session = 0, account, authority;
	const struct imp_field *count;
	char name[64] = "", domain[64] = "";
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_read(kernel, IMP_PROCESS_TOKEN, address, &token);

	if (!err)
		err = imp_nt_field(kernel, IMP_FAST_REF_COUNT, &count);
	if (err)
		return;
	token &= ~((1ull << count->type.bit_length) - 1);
	if (!token)
		return;
	err = imp_nt_read(kernel, IMP_TOKEN_LOGON, token, &session);
	if (err || !session || !imp_nt_offset(kernel, IMP_LOGON_ACCOUNT, &account) || !imp_nt_offset(kernel, IMP_LOGON_AUTHORITY, &authority))
		return;
	err = imp_nt_string(kernel, session + account, name, sizeof(name));
	if (!err)
		err = imp_nt_string(kernel, session + authority, domain, sizeof(domain));
	if (!err && name[0])
		snprintf(process->user, sizeof(process->user), "%s\\%s", domain, name);
}

static uint64_t read_session(struct imp_kernel *kernel, uint64_t address)
{
	uint64_t session = 0, id = 0;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_read(kernel, IMP_PROCESS_SESSION, address, &session);

	if (!err && session)
		err = imp_nt_read(kernel, IMP_SESSION_ID, session, &id);
	return err ? 0 : id & UINT32_MAX;
}

static uint64_t read_handle_count(struct imp_kernel *kernel, uint64_t table)
{
	uint64_t count = 0;
	IMP_CLEANUP_ERROR struct imp_error *err = table ? imp_nt_read(kernel, IMP_HANDLE_COUNT, table, &count) : NULL;

	return err ? 0 : count & UINT32_MAX;
}

struct imp_error *imp_process_read(struct imp_kernel *kernel, uint64_t address, struct imp_process *process)
{
	struct imp_error *err = imp_dispatcher_expect(kernel, address, "ProcessObject", "process");

	memset(process, 0, sizeof(*process));
	process->address = address;
	if (!err)
		err = imp_nt_read(kernel, IMP_PROCESS_PID, address, &process->pid);
	if (err)
		return err;
	imp_process_name(kernel, address, process->name, sizeof(process->name));
	process->parent_pid = imp_nt_value(kernel, IMP_PROCESS_PARENT, address, 0);
	process->peb = imp_nt_value(kernel, IMP_PROCESS_PEB, address, 0);
	process->directory_table_base = imp_nt_value(kernel, IMP_PROCESS_DIRECTORY_BASE, address, 0);
	process->create_time = imp_nt_value(kernel, IMP_PROCESS_CREATE_TIME, address, 0);
	process->exit_time = imp_nt_value(kernel, IMP_PROCESS_EXIT_TIME, address, 0);
	process->active_threads = imp_nt_value(kernel, IMP_PROCESS_ACTIVE_THREADS, address, 0);
	process->virtual_size = imp_nt_value(kernel, IMP_PROCESS_VIRTUAL_SIZE, address, 0);
	process->peak_virtual_size = imp_nt_value(kernel, IMP_PROCESS_PEAK_VIRTUAL_SIZE, address, 0);
	process->commit_charge = imp_nt_value(kernel, IMP_PROCESS_COMMIT, address, 0) * IMP_PAGE_SIZE;
	process->nonpaged_quota = imp_nt_value(kernel, IMP_PROCESS_QUOTA, address, 0); /* element 0: nonpaged pool */
	process->session = read_session(kernel, address);
	process->object_table = imp_nt_value(kernel, IMP_PROCESS_HANDLES, address, 0);
	process->handle_count = read_handle_count(kernel, process->object_table);
	process->is_zombie = process->exit_time != 0;
	read_user(kernel, address, process);
	return NULL;
}

struct imp_error *imp_process_each(struct imp_kernel *kernel, bool (*visit)(void *context, uint64_t address), void *context)
{
	const struct imp_field *links;
	uint64_t head;
	struct imp_error *err = imp_kernel_symbol(kernel, "PsActiveProcessHead", &head);

	if (!err)
		err = imp_nt_field(kernel, IMP_PROCESS_LINKS, &links);
	if (!err)
		err = imp_error_context(imp_nt_list(kernel, head, links->offset, MAX_PROCESSES, visit, context), "processes");
	return err;
}

struct imp_error *imp_process_system(struct imp_kernel *kernel, uint64_t *address)
{
	return imp_kernel_variable(kernel, "PsInitialSystemProcess", 8, address);
}

struct pid_search {
	struct imp_kernel *kernel;
	uint64_t pid, found;
};

static bool has_pid(void *context, uint64_t address)
{
	struct pid_search *search = context;
	uint64_t pid;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_read(search->kernel, IMP_PROCESS_PID, address, &pid);

	if (!err && pid == search->pid)
		search->found = address;
	return !search->found;
}

struct imp_error *imp_process_by_pid(struct imp_kernel *kernel, uint64_t pid, uint64_t *address)
{
	struct pid_search search = { .kernel = kernel, .pid = pid };
	struct imp_error *err = imp_process_each(kernel, has_pid, &search);

	if (!search.found)
		return err ? err : imp_error_new(IMP_ERROR_NOT_FOUND, "no process has the ID 0x%llx; tl lists them", (unsigned long long)pid);
	imp_error_free(err);
	*address = search.found;
	return NULL;
}
