/* Requests to the lab's kernel; see control.h. */

#include "control.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

/* More rows than a kernel with 256 MiB can have threads. */
#define ROW_LIMIT 65536

struct imp_error *imp_control_open(const struct imp_folder *folder, const struct imp_wait *wait, struct imp_control *control)
{
	struct imp_error *err;

	*control = (struct imp_control){ .fd = -1, .lock = -1 };
	err = imp_folder_lock(folder, IMP_FOLDER_CONTROL_LOCK, wait, &control->lock);
	if (!err)
		err = imp_folder_connect(folder, IMP_FOLDER_CONTROL, &control->fd);
	if (err)
		return err;
	imp_line_reader_init(&control->reader, control->fd, "the lab's kernel", IMP_CONTROL_LINE_MAX);
	/* The rest of an answer to a command that was killed may still come: numbers that nobody else used tell it apart. */
	if (getrandom(&control->sequence, sizeof(control->sequence), 0) != sizeof(control->sequence))
		control->sequence = (uint32_t)imp_now_us();
	control->sequence &= 0x3fffffff;
	return NULL;
}

void imp_control_close(struct imp_control *control)
{
	imp_line_reader_free(&control->reader);
	if (control->fd >= 0)
		close(control->fd);
	if (control->lock >= 0)
		close(control->lock);
	control->fd = control->lock = -1;
}

static struct imp_error *send_request(struct imp_control *control, const struct imp_wait *wait, const char *verb,
				      const struct imp_control_pair *pairs, size_t count)
{
	char line[IMP_CONTROL_LINE_MAX + 1];
	size_t length;
	struct imp_error *err = imp_control_encode(control->sequence, verb, pairs, count, line, &length);

	return err ? err : imp_line_send(control->fd, "the lab's kernel", wait, line, length, -1);
}

/* Takes lines until the result of the current request. */
static struct imp_error *read_reply(struct imp_control *control, const struct imp_wait *wait, const char *verb, struct imp_control_reply *reply)
{
	for (;;) {
		struct imp_control_line answer;
		char *text;
		struct imp_error *err = imp_line_read(&control->reader, wait, &text);

		if (!err && !text)
			err = imp_error_new(IMP_ERROR_IO, "the lab's kernel did not answer %s in time", verb);
		if (!err)
			err = imp_control_decode(text, &answer);
		if (err)
			return err;
		/* Sequence 0 with this status: the kernel could not even read our number. */
		if (answer.sequence != control->sequence &&
		    !(answer.sequence == 0 && answer.kind == IMP_CONTROL_RESULT && answer.status == IMP_STATUS_INVALID_PARAMETER)) {
			json_decref(answer.fields);
			continue;
		}
		if (answer.kind == IMP_CONTROL_RESULT) {
			reply->status = answer.status;
			reply->result = answer.fields;
			return NULL;
		}
		if (answer.kind == IMP_CONTROL_MORE) {
			json_decref(answer.fields);
			err = send_request(control, wait, "more", NULL, 0);
			if (err)
				return err;
			continue;
		}
		json_array_append_new(reply->rows, answer.fields);
		if (json_array_size(reply->rows) > ROW_LIMIT)
			return imp_error_new(IMP_ERROR_FORMAT, "the lab's kernel answered %s with more than %d rows", verb, ROW_LIMIT);
	}
}

struct imp_error *imp_control_request(struct imp_control *control, const struct imp_wait *wait, const char *verb,
				      const struct imp_control_pair *pairs, size_t count, struct imp_control_reply *reply)
{
	struct imp_error *err;

	*reply = (struct imp_control_reply){ .rows = json_array() };
	control->sequence++;
	err = send_request(control, wait, verb, pairs, count);
	return err ? err : read_reply(control, wait, verb, reply);
}

void imp_control_reply_free(struct imp_control_reply *reply)
{
	json_decref(reply->rows);
	json_decref(reply->result);
	reply->rows = reply->result = NULL;
}

struct imp_error *imp_control_ask(const struct imp_folder *folder, const struct imp_wait *wait, const char *verb,
				  const struct imp_control_pair *pairs, size_t count, struct imp_control_reply *reply)
{
	IMP_CLEANUP_CONTROL struct imp_control control = { .fd = -1, .lock = -1 };
	struct imp_error *err;

	*reply = (struct imp_control_reply){ 0 };
	err = imp_control_open(folder, wait, &control);
	return err ? err : imp_control_request(&control, wait, verb, pairs, count, reply);
}

const char *imp_control_text(const json_t *fields, const char *key)
{
	const char *text = json_string_value(json_object_get(fields, key));

	return text ? text : "";
}

uint64_t imp_control_number(const json_t *fields, const char *key)
{
	const char *text = imp_control_text(fields, key);
	int base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;

	return strtoull(text, NULL, base);
}
