/* Symbol stores: see store.h. */
#include "symbols/store.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

const char *imp_base_name(const char *path)
{
	const char *base = path;

	for (; *path; path++)
		if (*path == '/' || *path == '\\')
			base = path + 1;
	return base;
}

/* FOLDER/name as it is spelled on disk, NULL when there is no such entry. Freed by the caller. */
static char *entry(const char *folder, const char *name)
{
	char *path = NULL;
	DIR *directory;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return NULL;
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	path = NULL;
	directory = opendir(folder);
	if (!directory)
		return NULL;
	for (struct dirent *item = readdir(directory); item; item = readdir(directory)) {
		if (strcasecmp(item->d_name, name) != 0)
			continue;
		if (asprintf(&path, "%s/%s", folder, item->d_name) < 0)
			path = NULL;
		break;
	}
	closedir(directory);
	return path;
}

/* As entry(), through several names, the last of which is NULL. */
static char *walk(const char *folder, ...)
{
	char *path = strdup(folder);
	va_list names;

	va_start(names, folder);
	for (const char *name = va_arg(names, const char *); path && name; name = va_arg(names, const char *)) {
		char *deeper = entry(path, name);

		free(path);
		path = deeper;
	}
	va_end(names);
	return path;
}

static bool visit_path(char *path, bool (*visit)(void *context, const char *path), void *context)
{
	bool done = path && visit(context, path);

	free(path);
	return done;
}

bool imp_store_each(const char *folder, const char *name, const char *key, bool (*visit)(void *context, const char *path), void *context)
{
	char tier[3] = { 0 };
	char *marker;

	/* A name that is no file name cannot be looked for. */
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	/* In a store, FOLDER/name is a folder: trying to open that as a file would say so, so the store goes first. */
	if (visit_path(walk(folder, name, key, name, NULL), visit, context))
		return true;
	marker = entry(folder, "index2.txt");
	free(marker);
	strncpy(tier, name, 2);
	if (marker && visit_path(walk(folder, tier, name, key, name, NULL), visit, context))
		return true;
	return visit_path(walk(folder, name, NULL), visit, context) || visit_path(walk(folder, "symbols", name, NULL), visit, context);
}
