/* `impasse lab status`: what the lab is doing, for people and as JSON. */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "units.h"

#define MONITOR_MS 3000

/* `none`, `bugcheck`, or QEMU's word: `running`, `paused`, ...; `busy` when another command holds the monitor. */
static void run_state(const struct imp_lab *lab, char *state, size_t size)
{
	struct imp_wait wait = imp_wait_for(MONITOR_MS, -1);
	IMP_CLEANUP_QMP struct imp_qmp qmp = { .fd = -1 };
	IMP_CLEANUP_FD int lock = -1;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (!lab->running || lab->state.bugcheck.happened) {
		snprintf(state, size, "%s", lab->running ? "bugcheck" : "none");
		return;
	}
	err = imp_lab_open_qmp(lab, false, &wait, &lock, &qmp);
	if (!err)
		err = imp_qmp_run_state(&qmp, &wait, state, size);
	if (err)
		snprintf(state, size, "busy");
	else if (strcmp(state, "guest-panicked") == 0)
		snprintf(state, size, "bugcheck");
	else if (strcmp(state, "save-vm") == 0)
		snprintf(state, size, "paused"); /* QEMU's name for the pause of a dump */
}

static json_t *bugcheck_json(const struct imp_lab *lab)
{
	const struct imp_bugcheck *bugcheck = &lab->state.bugcheck;
	json_t *parameters = json_array();
	json_t *object;
	char text[24];

	for (int i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)bugcheck->parameters[i]);
		json_array_append_new(parameters, json_string(text));
	}
	snprintf(text, sizeof(text), "0x%X", bugcheck->code);
	object = json_pack("{s:s, s:o}", "code", text, "parameters", parameters);
	if (bugcheck->dumped)
		json_object_set_new(object, "dump", json_sprintf("%s/" IMP_FOLDER_DUMP, lab->folder.path));
	return object;
}

struct imp_error *imp_lab_status_json(const struct imp_lab *lab)
{
	char state[64];
	json_t *object;

	run_state(lab, state, sizeof(state));
	object = json_pack("{s:s, s:s}", "state", state, "folder", lab->folder.path);
	if (lab->running) {
		json_object_set_new(object, "accelerator", json_string(lab->state.accelerator));
		json_object_set_new(object, "pid", json_integer(lab->state.qemu.pid));
		json_object_set_new(object, "supervisor_pid", json_integer(lab->state.supervisor.pid));
		json_object_set_new(object, "memory_mib", json_integer(lab->state.memory));
		json_object_set_new(object, "cpus", json_integer(lab->state.cpus));
		json_object_set_new(object, "uptime_s", json_real((double)(imp_wall_ms() - lab->state.started) / 1000));
		json_object_set_new(object, "ready_us", json_integer((json_int_t)lab->state.ready_us));
		json_object_set_new(object, "boot_us", json_integer((json_int_t)lab->state.boot_us));
		json_object_set_new(object, "c", json_string(lab->state.c));
		json_object_set_new(object, "kernel", json_string(lab->state.kernel));
		json_object_set_new(object, "bugcheck", lab->state.bugcheck.happened ? bugcheck_json(lab) : json_null());
	}
	return imp_lab_print_json(object);
}

static void print_status(const struct imp_lab *lab)
{
	char state[64], text[160];
	int64_t uptime = imp_wall_ms() - lab->state.started;

	run_state(lab, state, sizeof(state));
	printf("State        %s\n", state);
	if (lab->state.bugcheck.happened) {
		imp_bugcheck_describe(&lab->state.bugcheck, text, sizeof(text));
		printf("Bugcheck     %s\n", text + strlen("bugcheck "));
		if (lab->state.bugcheck.dumped)
			printf("Dump         %s/%s\n", lab->folder.path, IMP_FOLDER_DUMP);
	}
	printf("Accelerator  %s\n", lab->state.accelerator);
	printf("Process      %ld\n", (long)lab->state.qemu.pid);
	printf("Memory       %u MiB\n", lab->state.memory);
	printf("Uptime       %s\n", imp_units_duration((uint64_t)(uptime < 0 ? 0 : uptime) * 1000, text));
	printf("Kernel       %s\n", lab->state.kernel);
	printf("C:           %s\n", lab->state.c);
	printf("Folder       %s\n", lab->folder.path);
}

struct imp_error *imp_lab_status(int argc, char **argv, int *exit_code)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { 0 } };
	IMP_CLEANUP_LAB struct imp_lab lab = { .folder.fd = -1 };
	struct imp_error *err;
	bool json = false;
	int option;

	(void)exit_code;
	optind = 0;
	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option != 'j')
			return imp_lab_bad_option(argv);
		json = true;
	}
	if (optind < argc)
		return imp_error_new(IMP_ERROR_USAGE, "status takes no argument %s", argv[optind]);
	err = imp_lab_open(false, &lab);
	if (err)
		return err;
	if (json)
		return imp_lab_status_json(&lab);
	if (lab.running)
		print_status(&lab);
	else
		printf("State        none (no lab is running in %s)\n", lab.folder.path);
	return NULL;
}
