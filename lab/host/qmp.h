/* QEMU's machine protocol (QMP, docs/interop/qmp-spec in QEMU's tree): one JSON object a line over a Unix socket. One request at a
 * time; events that arrive meanwhile are queued. Not responsible for what a command does to the machine.
 */
#ifndef IMP_HOST_QMP_H
#define IMP_HOST_QMP_H

#include <jansson.h>

#include "line.h"

struct imp_qmp {
	int fd;
	struct imp_line_reader reader;
	json_t *events; /* array of event objects not yet taken */
	uint32_t id;    /* of the last request */
};

/* Takes over the connected socket `fd`, reads the greeting and leaves capabilities negotiation mode. `qmp` is closed by the caller
 * also after an error. Errors: IMP_ERROR_IO, IMP_ERROR_FORMAT, IMP_ERROR_INTERRUPTED.
 */
struct imp_error *imp_qmp_open(int fd, const struct imp_wait *wait, struct imp_qmp *qmp);
void imp_qmp_close(struct imp_qmp *qmp);

/* Runs `command` with `arguments` (taken over; NULL: none) and passes the descriptor `pass_fd` with it (-1: none). `result`, when it
 * is not NULL, receives a new reference to the `return` value. QEMU's own refusal is IMP_ERROR_MISMATCH with QEMU's words.
 */
struct imp_error *imp_qmp_execute(struct imp_qmp *qmp, const struct imp_wait *wait, const char *command, json_t *arguments, int pass_fd,
				  json_t **result);

/* Takes the oldest event, waiting for one; `event` is a new reference, or NULL when the time ran out. */
struct imp_error *imp_qmp_next_event(struct imp_qmp *qmp, const struct imp_wait *wait, json_t **event);

/* An event's name, "" for an object that is none; valid as long as the event. */
const char *imp_qmp_event_name(const json_t *event);

/* The machine's run state in QEMU's words (`running`, `paused`, `guest-panicked`...), cut to `size` bytes. */
struct imp_error *imp_qmp_run_state(struct imp_qmp *qmp, const struct imp_wait *wait, char *state, size_t size);

#define IMP_CLEANUP_QMP __attribute__((cleanup(imp_qmp_close)))

#endif
