/* state.json and the life of what it describes; see state.h. */

#include "state.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long the rest of a dead machine may take to go. */
#define CLEAN_UP_MS 5000

static json_t *process_to_json(const struct imp_process *process)
{
	return json_pack("{s:I, s:I}", "pid", (json_int_t)process->pid, "start", (json_int_t)process->start);
}

static struct imp_process process_from_json(const json_t *object)
{
	return (struct imp_process){
		.pid = (pid_t)json_integer_value(json_object_get(object, "pid")),
		.start = (uint64_t)json_integer_value(json_object_get(object, "start")),
	};
}

/* JSON integers are signed in jansson, and parameters are mostly kernel addresses: hexadecimal strings. */
static json_t *bugcheck_to_json(const struct imp_bugcheck *bugcheck)
{
	char text[4][24];

	if (!bugcheck->happened)
		return json_null();
	for (int i = 0; i < 4; i++)
		snprintf(text[i], sizeof(text[i]), "0x%016" PRIx64, bugcheck->parameters[i]);
	return json_pack("{s:I, s:[s,s,s,s], s:b}", "code", (json_int_t)bugcheck->code, "parameters", text[0], text[1], text[2], text[3], "dumped",
			 bugcheck->dumped);
}

static void bugcheck_from_json(const json_t *object, struct imp_bugcheck *bugcheck)
{
	if (!json_is_object(object))
		return;
	bugcheck->happened = true;
	bugcheck->code = (uint32_t)json_integer_value(json_object_get(object, "code"));
	bugcheck->dumped = json_is_true(json_object_get(object, "dumped"));
	for (size_t i = 0; i < 4; i++) {
		const char *text = json_string_value(json_array_get(json_object_get(object, "parameters"), i));

		bugcheck->parameters[i] = text ? strtoull(text, NULL, 16) : 0;
	}
}

struct imp_error *imp_state_write(const struct imp_folder *folder, const struct imp_state *state)
{
	json_t *object =
		json_pack("{s:i, s:o, s:o, s:s, s:i, s:i, s:s, s:s, s:I, s:I, s:I, s:o}", "version", IMP_STATE_VERSION, "supervisor",
			  process_to_json(&state->supervisor), "qemu", process_to_json(&state->qemu), "accelerator", state->accelerator, "memory_mib",
			  (int)state->memory, "cpus", (int)state->cpus, "c", state->c, "kernel", state->kernel ? state->kernel : "", "started_ms",
			  (json_int_t)state->started, "ready_us", (json_int_t)state->ready_us, "boot_us", (json_int_t)state->boot_us, "bugcheck",
			  bugcheck_to_json(&state->bugcheck));
	struct imp_error *err;

	if (!object)
		return imp_error_new(IMP_ERROR_USAGE, "the lab's state cannot be written as JSON (a path that is not UTF-8?)");
	err = imp_folder_write_json(folder, IMP_FOLDER_STATE, object);
	json_decref(object);
	return err;
}

static struct imp_error *state_read(const struct imp_folder *folder, bool *found, struct imp_state *state)
{
	json_t *object;
	json_int_t version;
	const char *text;
	struct imp_error *err = imp_folder_read_json(folder, IMP_FOLDER_STATE, &object);

	*found = false;
	*state = (struct imp_state){ 0 };
	if (err || !object)
		return err;
	version = json_integer_value(json_object_get(object, "version"));
	state->supervisor = process_from_json(json_object_get(object, "supervisor"));
	state->qemu = process_from_json(json_object_get(object, "qemu"));
	text = json_string_value(json_object_get(object, "accelerator"));
	snprintf(state->accelerator, sizeof(state->accelerator), "%s", text ? text : "");
	state->memory = (unsigned)json_integer_value(json_object_get(object, "memory_mib"));
	state->cpus = (unsigned)json_integer_value(json_object_get(object, "cpus"));
	text = json_string_value(json_object_get(object, "c"));
	state->c = strdup(text ? text : "");
	text = json_string_value(json_object_get(object, "kernel"));
	state->kernel = strdup(text ? text : "");
	state->started = json_integer_value(json_object_get(object, "started_ms"));
	state->ready_us = (uint64_t)json_integer_value(json_object_get(object, "ready_us"));
	state->boot_us = (uint64_t)json_integer_value(json_object_get(object, "boot_us"));
	bugcheck_from_json(json_object_get(object, "bugcheck"), &state->bugcheck);
	json_decref(object);
	if (!state->c || !state->kernel)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for the lab's state");
	if (version != IMP_STATE_VERSION && imp_process_alive(&state->supervisor))
		return imp_error_new(IMP_ERROR_MISMATCH, "the lab in %s was started by another version of impasse (state version %lld, ours %d)",
				     folder->path, (long long)version, IMP_STATE_VERSION);
	*found = true;
	return NULL;
}

static void state_free(struct imp_state *state)
{
	free(state->c);
	free(state->kernel);
	state->c = state->kernel = NULL;
}

void imp_state_remove(const struct imp_folder *folder)
{
	/* The record goes last: while it is there, no other machine starts in this folder. */
	static const char *const names[] = { IMP_FOLDER_CONTROL, IMP_FOLDER_QMP, IMP_FOLDER_DUMP_QMP, IMP_FOLDER_SUPERVISOR_QMP, IMP_FOLDER_STATE };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(folder->fd, names[i], 0);
}

/* Ends what is left of a machine of which one process has died; the caller holds the lab's lock. */
static struct imp_error *clean_up(const struct imp_lab *lab)
{
	const struct imp_process *processes[] = { &lab->state.supervisor, &lab->state.qemu };
	struct imp_wait wait = imp_wait_for(CLEAN_UP_MS, -1);

	for (size_t i = 0; i < 2; i++) {
		bool ended;
		struct imp_error *err;

		/* The supervisor is asked: it then ends QEMU in order. */
		imp_process_signal(processes[i], i == 0 ? SIGTERM : SIGKILL);
		err = imp_process_wait(processes[i], &wait, &ended);
		if (err)
			return err;
		if (!ended)
			imp_process_signal(processes[i], SIGKILL);
	}
	imp_state_remove(&lab->folder);
	return NULL;
}

static bool is_alive(const struct imp_state *state)
{
	return imp_process_alive(&state->supervisor) && imp_process_alive(&state->qemu);
}

/* Reads the record and cleans up after a dead machine; the caller holds the lab's lock. */
static struct imp_error *look(struct imp_lab *lab)
{
	bool found;
	struct imp_error *err = state_read(&lab->folder, &found, &lab->state);

	if (err || !found)
		return err;
	lab->running = is_alive(&lab->state);
	return lab->running ? NULL : clean_up(lab);
}

struct imp_error *imp_lab_open_locked(struct imp_lab *lab)
{
	struct imp_error *err;

	*lab = (struct imp_lab){ .folder.fd = -1 };
	err = imp_folder_open(true, &lab->folder);
	return err ? err : look(lab);
}

struct imp_error *imp_lab_open(bool create, struct imp_lab *lab)
{
	IMP_CLEANUP_FD int lock = -1;
	struct imp_wait wait = imp_wait_for(CLEAN_UP_MS, -1);
	struct imp_error *err;
	bool found;

	*lab = (struct imp_lab){ .folder.fd = -1 };
	err = imp_folder_open(create, &lab->folder);
	if (!err)
		err = state_read(&lab->folder, &found, &lab->state);
	if (err || !found)
		return err;
	lab->running = is_alive(&lab->state);
	if (lab->running)
		return NULL;
	/* Dead, or just being ended by somebody who then holds the lock: look again with the lock in hand. */
	err = imp_folder_lock(&lab->folder, IMP_FOLDER_LOCK, &wait, &lock);
	if (err)
		return err;
	state_free(&lab->state);
	return look(lab);
}

void imp_lab_close(struct imp_lab *lab)
{
	state_free(&lab->state);
	imp_folder_close(&lab->folder);
	lab->running = false;
}

struct imp_error *imp_lab_open_running(struct imp_lab *lab)
{
	struct imp_error *err = imp_lab_open(false, lab);

	if (err || lab->running)
		return err;
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no lab is running in %s; `impasse lab up` starts one", lab->folder.path);
}

void imp_bugcheck_describe(const struct imp_bugcheck *bugcheck, char *text, size_t size)
{
	snprintf(text, size, "bugcheck 0x%" PRIX32 " (0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ")", bugcheck->code,
		 bugcheck->parameters[0], bugcheck->parameters[1], bugcheck->parameters[2], bugcheck->parameters[3]);
}
