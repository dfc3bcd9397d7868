/* Packets between the debugger and impasse-fetch: see keeper_message.h. */
#include "symbols/keeper_message.h"

#include <stdio.h>

/* The fixed part of a request. */
struct request_head {
	uint32_t kind, flags, round, age, time_date_stamp, size_of_image, store_count;
	struct imp_guid guid;
};
enum { FROM_SERVER = 1 };

struct answer_head {
	uint64_t done, total;
	uint32_t kind, code;
};

/* Adds a string with its end; false when there is no room. */
static bool add_string(uint8_t *packet, size_t *size, const char *text)
{
	size_t length = strlen(text) + 1;

	if (length > IMP_KEEPER_PACKET - *size)
		return false;
	memcpy(packet + *size, text, length);
	*size += length;
	return true;
}

/* Takes the next string; false when there is none. */
static bool take_string(struct imp_span packet, size_t *at, const char **text)
{
	*text = imp_span_string(packet, *at);
	if (*text)
		*at += strlen(*text) + 1;
	return *text;
}

size_t imp_keeper_pack_request(const struct imp_keeper_request *request, uint8_t packet[IMP_KEEPER_PACKET])
{
	const struct imp_file_identity *identity = &request->identity;
	struct request_head head = {
		.kind = identity->kind,
		.flags = request->from_server ? FROM_SERVER : 0,
		.round = request->round,
		.age = identity->age,
		.time_date_stamp = identity->time_date_stamp,
		.size_of_image = identity->size_of_image,
		.store_count = (uint32_t)request->store_count,
		.guid = identity->guid,
	};
	size_t size = sizeof(head);
	bool fits;

	memcpy(packet, &head, sizeof(head));
	fits = add_string(packet, &size, identity->name) && add_string(packet, &size, request->source);
	for (size_t i = 0; fits && i < request->store_count; i++)
		fits = add_string(packet, &size, request->stores[i]);
	return fits ? size : 0;
}

bool imp_keeper_parse_request(struct imp_span packet, struct imp_keeper_request *request)
{
	struct request_head head;
	const char *name;
	size_t at = sizeof(head);

	*request = (struct imp_keeper_request){ 0 };
	if (!imp_span_copy(packet, 0, &head, sizeof(head)) || !take_string(packet, &at, &name) || !take_string(packet, &at, &request->source) ||
	    head.kind > IMP_FILE_IMAGE || !imp_is_file_name(name) || head.store_count == 0 || head.store_count > IMP_CHAIN_LIMIT)
		return false;
	request->identity = (struct imp_file_identity){
		.kind = head.kind,
		.guid = head.guid,
		.age = head.age,
		.time_date_stamp = head.time_date_stamp,
		.size_of_image = head.size_of_image,
	};
	snprintf(request->identity.name, sizeof(request->identity.name), "%s", name);
	request->from_server = head.flags & FROM_SERVER;
	request->round = head.round;
	for (request->store_count = 0; request->store_count < head.store_count; request->store_count++) {
		if (!take_string(packet, &at, &request->stores[request->store_count]))
			return false;
	}
	return at == packet.size;
}

size_t imp_keeper_pack_answer(const struct imp_keeper_answer *answer, uint8_t packet[IMP_KEEPER_PACKET])
{
	struct answer_head head = { .done = answer->done, .total = answer->total, .kind = answer->kind, .code = answer->code };
	size_t size = sizeof(head);

	memcpy(packet, &head, sizeof(head));
	return add_string(packet, &size, answer->text ? answer->text : "") ? size : 0;
}

bool imp_keeper_parse_answer(struct imp_span packet, struct imp_keeper_answer *answer)
{
	struct answer_head head;
	size_t at = sizeof(head);

	*answer = (struct imp_keeper_answer){ 0 };
	if (!imp_span_copy(packet, 0, &head, sizeof(head)) || !take_string(packet, &at, &answer->text) || at != packet.size ||
	    head.kind > IMP_KEEPER_FAILED || (head.kind == IMP_KEEPER_FAILED && (head.code == 0 || head.code > IMP_ERROR_INTERRUPTED)))
		return false;
	answer->kind = head.kind;
	answer->code = head.code;
	answer->done = head.done;
	answer->total = head.total;
	return true;
}
