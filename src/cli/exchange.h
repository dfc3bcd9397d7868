/* What the two processes of a session say to each other: the front (prompt, pager, log, shell) asks, the worker (the dump) answers. One packet each;
 * neither believes that the other's are well formed, the front least of all.
 */
#ifndef IMP_CLI_EXCHANGE_H
#define IMP_CLI_EXCHANGE_H

#include "cli/engine.h"

#include <stdint.h>

enum imp_message_kind {
	IMP_MESSAGE_STARTED,  /* worker: the dump is open; or `code` and `text` say why not */
	IMP_MESSAGE_RUN,      /* front: run the command `text`; with the descriptors for its result and its errors */
	IMP_MESSAGE_RAN,      /* worker: the command has ended */
	IMP_MESSAGE_COMPLETE, /* front: which words may end the line `text`? */
	IMP_MESSAGE_WORDS,    /* worker: `text` is words, each with its NUL; `from` is where in the line they belong */
};

enum { IMP_MESSAGE_TEXT = IMP_COMMAND_MOST, IMP_MESSAGE_FILES = 2 };

struct imp_message {
	uint32_t kind;
	uint32_t code; /* enum imp_error_code of IMP_MESSAGE_STARTED; 0: none */
	uint32_t from;
	uint8_t ok, quit, stuck, interrupted, unwritten, colour;
	char prompt[IMP_PROMPT_SIZE];
	uint32_t size; /* of text, without the NUL behind it */
	char text[IMP_MESSAGE_TEXT + 1];
};

/* Sends `message` up to its text's end, with IMP_MESSAGE_FILES descriptors when `files` is not NULL. False when the other side is gone. */
bool imp_message_send(int socket, const struct imp_message *message, const int *files);
/* Waits for a message. Text and prompt end with a NUL. `files` gets descriptors, -1 without; they are the caller's. NULL: the front takes none. False
 * when the other side is gone, or what it sent is no message.
 */
bool imp_message_receive(int socket, struct imp_message *message, int *files);
/* Sets `text`, cut at its most. */
void imp_message_set_text(struct imp_message *message, const char *text);

#endif
