/* Packets between front and worker: see exchange.h. */
#include "cli/exchange.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(IMP_MESSAGE_FILES * sizeof(int))];
};

bool imp_message_send(int socket, const struct imp_message *message, const int *files)
{
	struct iovec part = { (void *)message, offsetof(struct imp_message, text) + message->size };
	struct msghdr packet = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control = { 0 };
	ssize_t sent;

	if (files) {
		packet.msg_control = &control;
		packet.msg_controllen = sizeof(control);
		control.header =
			(struct cmsghdr){ .cmsg_len = CMSG_LEN(IMP_MESSAGE_FILES * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.header), files, IMP_MESSAGE_FILES * sizeof(int));
	}
	do {
		sent = sendmsg(socket, &packet, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)part.iov_len;
}

static bool take_files(struct msghdr *packet, int *files)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(packet);

	if (!header)
		return true;
	if (header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(IMP_MESSAGE_FILES * sizeof(int)))
		return false;
	memcpy(files, CMSG_DATA(header), IMP_MESSAGE_FILES * sizeof(int));
	return true;
}

bool imp_message_receive(int socket, struct imp_message *message, int *files)
{
	struct iovec part = { message, sizeof(*message) - 1 };
	struct msghdr packet = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control;
	ssize_t got;

	for (int i = 0; files && i < IMP_MESSAGE_FILES; i++)
		files[i] = -1;
	if (files) {
		packet.msg_control = &control;
		packet.msg_controllen = sizeof(control);
	}
	do {
		got = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < (ssize_t)offsetof(struct imp_message, text) || (files && !take_files(&packet, files)))
		return false;
	message->prompt[sizeof(message->prompt) - 1] = '\0';
	if (message->size != (size_t)got - offsetof(struct imp_message, text))
		return false;
	message->text[message->size] = '\0';
	return true;
}

void imp_message_set_text(struct imp_message *message, const char *text)
{
	message->size = (uint32_t)strnlen(text, IMP_MESSAGE_TEXT);
	memcpy(message->text, text, message->size);
	message->text[message->size] = '\0';
}
