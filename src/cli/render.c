/* A command's result on descriptors: see render.h. */
#include "cli/render.h"

#include <string.h>
#include <unistd.h>

static FILE *open_copy(int descriptor)
{
	int copy = dup(descriptor);
	FILE *file = copy >= 0 ? fdopen(copy, "w") : NULL;

	if (!file && copy >= 0)
		close(copy);
	return file;
}

static void put_message(const struct imp_error *err, FILE *to)
{
	imp_put_printable(imp_error_message(err), strlen(imp_error_message(err)), to);
	fputc('\n', to);
}

void imp_render_error(const char *program, const struct imp_error *err)
{
	fprintf(stderr, "%s: ", program);
	put_message(err, stderr);
}

static void put_error(const struct imp_error *err, int descriptor)
{
	FILE *to = open_copy(descriptor);

	if (!to)
		return;
	put_message(err, to);
	fclose(to);
}

bool imp_render(const struct imp_rendering *how, const struct imp_report *report, const struct imp_error *err)
{
	FILE *to = open_copy(how->output);
	bool written;

	if (!to)
		return false;
	if (how->json)
		imp_report_json(report, how->command, err ? imp_error_message(err) : NULL, to);
	else
		imp_report_text(report, how->colour, to);
	written = !ferror(to);
	written &= fclose(to) == 0;
	if (err && !how->json)
		put_error(err, how->errors);
	return written;
}
