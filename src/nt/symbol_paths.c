/* Where a kernel's symbols and images are looked for: its two paths, and what was tried, for a reader who wants to know (!sym noisy). */
#include "nt/symbol_paths.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LINES = 10000 };

struct imp_symbol_noise {
	char **lines;
	size_t count;
};

static void keep_line(void *context, const char *line)
{
	struct imp_symbol_noise *noise = context;
	char **lines = noise->count < MOST_LINES ? reallocarray(noise->lines, noise->count + 1, sizeof(*lines)) : NULL;

	if (!lines)
		return;
	noise->lines = lines;
	lines[noise->count] = strdup(line);
	noise->count += lines[noise->count] != NULL;
}

static void tell_noise(struct imp_kernel *kernel)
{
	imp_symbol_path_trace(kernel->symbol_path, kernel->noise ? keep_line : NULL, kernel->noise);
	imp_symbol_path_trace(kernel->image_path, kernel->noise ? keep_line : NULL, kernel->noise);
}

void imp_kernel_take_noise(struct imp_kernel *kernel, void (*take)(void *context, const char *line), void *context)
{
	struct imp_symbol_noise *noise = kernel->noise;

	if (!noise)
		return;
	for (size_t i = 0; i < noise->count; i++) {
		if (take)
			take(context, noise->lines[i]);
		free(noise->lines[i]);
	}
	noise->count = 0;
}

struct imp_error *imp_kernel_set_noise(struct imp_kernel *kernel, bool noisy)
{
	if (noisy == (kernel->noise != NULL))
		return NULL;
	if (noisy) {
		kernel->noise = calloc(1, sizeof(*kernel->noise));
		if (!kernel->noise)
			return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory to keep what is tried for symbols");
	} else {
		imp_kernel_take_noise(kernel, NULL, NULL);
		free(kernel->noise->lines);
		free(kernel->noise);
		kernel->noise = NULL;
	}
	tell_noise(kernel);
	return NULL;
}

static void note_problem(void *context, const char *problem)
{
	imp_kernel_note(context, "%s", problem);
}

struct imp_error *imp_kernel_set_symbol_path(struct imp_kernel *kernel, const char *text)
{
	struct imp_symbol_path *symbol_path, *image_path = NULL;
	struct imp_error *err = imp_symbol_path_new(text, &symbol_path);

	if (!err)
		err = imp_symbol_path_new(kernel->image_folders, &image_path);
	if (!err)
		err = imp_symbol_path_append(image_path, text);
	if (err) {
		imp_symbol_path_free(symbol_path);
		imp_symbol_path_free(image_path);
		return err;
	}
	imp_symbol_path_free(kernel->symbol_path);
	imp_symbol_path_free(kernel->image_path);
	kernel->symbol_path = symbol_path;
	kernel->image_path = image_path;
	imp_symbol_path_problems(image_path, note_problem, kernel);
	tell_noise(kernel);
	return NULL;
}

void imp_kernel_free_paths(struct imp_kernel *kernel)
{
	/* Without the paths nobody is left to be told. */
	imp_kernel_take_noise(kernel, NULL, NULL);
	if (kernel->noise)
		free(kernel->noise->lines);
	free(kernel->noise);
	imp_symbol_path_free(kernel->symbol_path);
	imp_symbol_path_free(kernel->image_path);
	free(kernel->image_folders);
}
