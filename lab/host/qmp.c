/* A client of QEMU's machine protocol; see qmp.h. */

#include "qmp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The longest answers (query-qmp-schema) are a few hundred KiB; a line beyond this is no QMP. */
#define LINE_LIMIT  ((size_t)1 << 20)
/* Events that nobody takes must not grow for ever. */
#define EVENT_LIMIT 1024

/* Reads one object; `object` is NULL when the time ran out. */
static struct imp_error *read_object(struct imp_qmp *qmp, const struct imp_wait *wait, json_t **object)
{
	json_error_t problem;
	char *line;
	struct imp_error *err = imp_line_read(&qmp->reader, wait, &line);

	*object = NULL;
	if (err || !line)
		return err;
	*object = json_loads(line, 0, &problem);
	if (json_is_object(*object))
		return NULL;
	json_decref(*object);
	*object = NULL;
	return imp_error_new(IMP_ERROR_FORMAT, "QEMU's monitor sent a line that is no JSON object: %s", problem.text);
}

/* Queues `object` (taken over) if it is an event; otherwise returns it. */
static json_t *queue_event(struct imp_qmp *qmp, json_t *object)
{
	if (!json_object_get(object, "event"))
		return object;
	if (json_array_size(qmp->events) < EVENT_LIMIT)
		json_array_append(qmp->events, object);
	json_decref(object);
	return NULL;
}

/* Waits for the answer with the id of the last request. */
static struct imp_error *read_answer(struct imp_qmp *qmp, const struct imp_wait *wait, const char *command, json_t **result)
{
	for (;;) {
		json_t *object;
		json_t *problem;
		struct imp_error *err = read_object(qmp, wait, &object);

		if (err)
			return err;
		if (!object)
			return imp_error_new(IMP_ERROR_IO, "QEMU did not answer %s in time", command);
		object = queue_event(qmp, object);
		if (!object)
			continue;
		if (json_integer_value(json_object_get(object, "id")) != qmp->id) {
			json_decref(object);
			continue;
		}
		problem = json_object_get(object, "error");
		if (problem) {
			const char *text = json_string_value(json_object_get(problem, "desc"));

			err = imp_error_new(IMP_ERROR_MISMATCH, "QEMU refuses %s: %s", command, text ? text : "no reason given");
		} else if (result) {
			*result = json_incref(json_object_get(object, "return"));
		}
		json_decref(object);
		return err;
	}
}

struct imp_error *imp_qmp_execute(struct imp_qmp *qmp, const struct imp_wait *wait, const char *command, json_t *arguments, int pass_fd,
				  json_t **result)
{
	json_t *request = json_pack("{s:s, s:I}", "execute", command, "id", (json_int_t)++qmp->id);
	char *text;
	char *line;
	struct imp_error *err;
	int length;

	if (result)
		*result = NULL;
	if (arguments)
		json_object_set_new(request, "arguments", arguments);
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (!text)
		return imp_error_new(IMP_ERROR_USAGE, "the arguments of %s cannot be written as JSON (not UTF-8?)", command);
	length = asprintf(&line, "%s\n", text);
	free(text);
	if (length < 0)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "no memory for a request to QEMU");
	err = imp_line_send(qmp->fd, "QEMU's monitor", wait, line, (size_t)length, pass_fd);
	free(line);
	return err ? err : read_answer(qmp, wait, command, result);
}

struct imp_error *imp_qmp_next_event(struct imp_qmp *qmp, const struct imp_wait *wait, json_t **event)
{
	*event = NULL;
	while (json_array_size(qmp->events) == 0) {
		json_t *object;
		struct imp_error *err = read_object(qmp, wait, &object);

		if (err || !object)
			return err;
		json_decref(queue_event(qmp, object)); /* an answer that nobody waits for any more */
	}
	*event = json_incref(json_array_get(qmp->events, 0));
	json_array_remove(qmp->events, 0);
	return NULL;
}

const char *imp_qmp_event_name(const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));

	return name ? name : "";
}

struct imp_error *imp_qmp_run_state(struct imp_qmp *qmp, const struct imp_wait *wait, char *state, size_t size)
{
	json_t *status;
	const char *text;
	struct imp_error *err = imp_qmp_execute(qmp, wait, "query-status", NULL, -1, &status);

	if (err)
		return err;
	text = json_string_value(json_object_get(status, "status"));
	snprintf(state, size, "%s", text ? text : "unknown");
	json_decref(status);
	return NULL;
}

struct imp_error *imp_qmp_open(int fd, const struct imp_wait *wait, struct imp_qmp *qmp)
{
	json_t *greeting;
	struct imp_error *err;

	*qmp = (struct imp_qmp){ .fd = fd, .events = json_array() };
	imp_line_reader_init(&qmp->reader, fd, "QEMU's monitor", LINE_LIMIT);
	err = read_object(qmp, wait, &greeting);
	if (err)
		return err;
	if (!greeting)
		return imp_error_new(IMP_ERROR_IO, "QEMU's monitor does not greet in time; another command may be using it");
	if (!json_object_get(greeting, "QMP")) {
		json_decref(greeting);
		return imp_error_new(IMP_ERROR_FORMAT, "QEMU's monitor does not greet with QMP");
	}
	json_decref(greeting);
	return imp_qmp_execute(qmp, wait, "qmp_capabilities", NULL, -1, NULL);
}

void imp_qmp_close(struct imp_qmp *qmp)
{
	imp_line_reader_free(&qmp->reader);
	json_decref(qmp->events);
	qmp->events = NULL;
	if (qmp->fd > 0)
		close(qmp->fd);
	qmp->fd = -1;
}
