/* .enumtag: the secondary data behind a dump's memory. */
#include "command/commands.h"
#include "dump/blobs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { BYTES_PER_LINE = 16, SHOWN_BYTES = 64, MOST_TAGS = 4096 };

static void tag_text(const uint8_t t[16], char *text, size_t size)
{
	snprintf(text, size, "{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}", t[3], t[2], t[1], t[0], t[5], t[4], t[7], t[6],
		 t[8], t[9], t[10], t[11], t[12], t[13], t[14], t[15]);
}

static void report_bytes(struct imp_report *report, struct imp_span data, size_t most)
{
	for (size_t at = 0; at < data.size && at < most; at += BYTES_PER_LINE) {
		char hex[3 * BYTES_PER_LINE + 1] = "", text[BYTES_PER_LINE + 1] = "";

		for (size_t i = 0; i < BYTES_PER_LINE && at + i < data.size; i++) {
			uint8_t byte = data.data[at + i];

			snprintf(hex + 3 * i, 4, "%02X ", byte);
			text[i] = byte < 0x7f && isprint(byte) ? (char)byte : '.';
			text[i + 1] = '\0';
		}
		imp_report_line(report, "  %-*s %s", 3 * BYTES_PER_LINE, hex, text);
	}
	if (data.size > most)
		imp_report_line(report, "  ....");
}

IMP_COMMAND(enumtag)
{
	struct imp_blob *blobs;
	size_t count, most = SHOWN_BYTES;
	char word[16];
	struct imp_error *err;

	if (imp_next_word(&arguments, word, sizeof(word))) {
		if (strcmp(word, "-a"))
			return imp_error_new(IMP_ERROR_USAGE, ".enumtag knows -a, not '%s'", word);
		most = SIZE_MAX;
	}
	err = imp_arguments_end(arguments);
	if (err)
		return err;
	blobs = calloc(MOST_TAGS, sizeof(*blobs));
	if (!blobs)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the tags");
	err = imp_dump_blobs(session->kernel->dump, blobs, MOST_TAGS, &count);
	imp_report_open_list(report, "tags");
	for (size_t i = 0; i < count && i < MOST_TAGS; i++) {
		char tag[40];

		tag_text(blobs[i].tag, tag, sizeof(tag));
		imp_report_open_object(report, NULL);
		imp_report_value(report, "tag", imp_string(tag));
		imp_report_value(report, "size", imp_number(blobs[i].data.size));
		imp_report_close(report);
		imp_report_line(report, "%s - 0x%zx bytes", tag, blobs[i].data.size);
		report_bytes(report, blobs[i].data, most);
		imp_report_line(report, "%s", "");
	}
	imp_report_close(report);
	if (count > MOST_TAGS)
		imp_report_note(report, "there are %zu tags; the first %d are shown", count, MOST_TAGS);
	free(blobs);
	return err;
}
