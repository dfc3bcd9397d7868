/* What the debugger and impasse-fetch, the keeper of the symbol stores, say to one another: packets over a socket, each with a fixed part and strings
 * behind it. Both sides check what they get: one reads dumps, the other what servers send. Not for other folders than this one and src/fetch.
 */
#ifndef IMP_SYMBOLS_KEEPER_MESSAGE_H
#define IMP_SYMBOLS_KEEPER_MESSAGE_H

#include "base/span.h"
#include "symbols/identity.h"
#include "symbols/path_elements.h"

enum { IMP_KEEPER_PACKET = 64 * 1024 }; /* bytes that a packet has at most */

/* One file that is to be in a store. */
struct imp_keeper_request {
	struct imp_file_identity identity;
	bool from_server; /* `source` is a server's URL; else a file of this machine, maybe compressed */
	uint32_t round;   /* what a server did not have in this round it is not asked for again */
	const char *source;
	const char *stores[IMP_CHAIN_LIMIT]; /* folders; the file goes into the first that can be written, and into those behind it */
	size_t store_count;
};

enum imp_keeper_answer_kind {
	IMP_KEEPER_PROGRESS, /* of one transfer; more answers follow */
	IMP_KEEPER_TRACE,    /* `text`: what was tried, for !sym noisy; more answers follow */
	IMP_KEEPER_DONE,     /* `text`: the path of the file */
	IMP_KEEPER_FAILED,   /* `text`: why, as a sentence; `code` */
};

struct imp_keeper_answer {
	enum imp_keeper_answer_kind kind;
	enum imp_error_code code;
	uint64_t done, total; /* bytes; total 0: not known */
	const char *text;
};

/* These write a packet; 0 when it does not fit. */
size_t imp_keeper_pack_request(const struct imp_keeper_request *request, uint8_t packet[IMP_KEEPER_PACKET]);
size_t imp_keeper_pack_answer(const struct imp_keeper_answer *answer, uint8_t packet[IMP_KEEPER_PACKET]);
/* These read one; strings stay in `packet`. False when it is not one. */
bool imp_keeper_parse_request(struct imp_span packet, struct imp_keeper_request *request);
bool imp_keeper_parse_answer(struct imp_span packet, struct imp_keeper_answer *answer);
/* Stopping a transfer is a packet of one byte. */
#define IMP_KEEPER_STOP "!"

#endif
