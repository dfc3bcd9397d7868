/* Writing memory: which formats there are, which pages go into the file, and how they get there; what stands around them is each format's file's. */
#include "dump/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	BATCH_PAGES = 256, /* written in one call where they follow each other in the source too */
	PROGRESS_PAGES = 4096,
};

struct imp_error *imp_writer_put(struct imp_writer *writer, uint64_t offset, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while (size) {
		ssize_t written = pwrite(writer->copy->file, at, size, (off_t)offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return imp_error_new(IMP_ERROR_IO, "cannot write: %s", strerror(written ? errno : ENOSPC));
		at += written;
		offset += (uint64_t)written;
		size -= (size_t)written;
	}
	return NULL;
}

static bool is_zero(const uint8_t *page)
{
	static const uint8_t zero[IMP_PAGE_SIZE];

	return !memcmp(page, zero, sizeof(zero));
}

struct imp_error *imp_writer_put_run(struct imp_writer *writer, const struct imp_written_run *run, uint64_t offset)
{
	struct imp_dump_copy *copy = writer->copy;
	const uint8_t *start = NULL; /* of the pages that wait for being written */
	size_t waiting = 0;
	struct imp_error *err = NULL;

	for (uint64_t i = 0; !err && i < run->count; i++) {
		const uint8_t *page = imp_dump_page(copy->dump, run->first + i);
		bool skip = !page || is_zero(page);

		if (waiting && (skip || page != start + waiting * IMP_PAGE_SIZE || waiting == BATCH_PAGES)) {
			err = imp_writer_put(writer, offset + ((i - waiting) << IMP_PAGE_SHIFT), start, waiting * IMP_PAGE_SIZE);
			waiting = 0;
		}
		if (!skip && !waiting++)
			start = page;
		if (!err && writer->done % PROGRESS_PAGES == 0 && copy->progress && !copy->progress(copy->context, writer->done, writer->total))
			err = imp_error_new(IMP_ERROR_INTERRUPTED, "interrupted");
		writer->done++;
	}
	if (!err && waiting)
		err = imp_writer_put(writer, offset + ((run->count - waiting) << IMP_PAGE_SHIFT), start, waiting * IMP_PAGE_SIZE);
	return err;
}

struct imp_error *imp_writer_put_runs(struct imp_writer *writer, uint64_t offset, uint64_t *end)
{
	struct imp_error *err = NULL;

	*end = offset;
	for (size_t i = 0; !err && i < writer->run_count; i++) {
		err = imp_writer_put_run(writer, &writer->runs[i], *end);
		*end += writer->runs[i].count << IMP_PAGE_SHIFT;
	}
	return err;
}

static int by_size(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

struct imp_error *imp_writer_join(struct imp_writer *writer, size_t limit)
{
	size_t joins = writer->run_count > limit ? writer->run_count - limit : 0, kept = 0, at_largest = 0;
	uint64_t *gaps = joins ? malloc((writer->run_count - 1) * sizeof(*gaps)) : NULL, largest;

	if (!joins)
		return NULL;
	if (!gaps)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
	for (size_t i = 1; i < writer->run_count; i++)
		gaps[i - 1] = writer->runs[i].first - writer->runs[i - 1].first - writer->runs[i - 1].count;
	qsort(gaps, writer->run_count - 1, sizeof(*gaps), by_size);
	largest = gaps[joins - 1]; /* of those that are filled; of gaps as large as it, only so many */
	for (size_t i = joins; i && gaps[i - 1] == largest; i--)
		at_largest++;
	free(gaps);
	for (size_t i = 1; i < writer->run_count; i++) {
		struct imp_written_run *last = &writer->runs[kept], *run = &writer->runs[i];
		uint64_t gap = run->first - last->first - last->count;

		if (gap > largest || (gap == largest && !at_largest)) {
			writer->runs[++kept] = *run;
			continue;
		}
		at_largest -= gap == largest;
		last->count += gap + run->count;
		writer->copy->filled += gap;
		writer->total += gap;
	}
	writer->run_count = kept + 1;
	return NULL;
}

static struct imp_error *collect_runs(struct imp_writer *writer)
{
	const struct imp_dump *dump = writer->copy->dump;
	size_t capacity = 0;

	for (uint64_t pfn = imp_dump_next_page(dump, 0); pfn != UINT64_MAX; pfn = imp_dump_next_page(dump, pfn + 1)) {
		struct imp_written_run *last = writer->run_count ? &writer->runs[writer->run_count - 1] : NULL;

		if (writer->copy->keep && !writer->copy->keep(writer->copy->context, pfn))
			continue;
		writer->total++;
		if (last && last->first + last->count == pfn) {
			last->count++;
			continue;
		}
		if (writer->run_count == capacity) {
			struct imp_written_run *more = realloc(writer->runs, (2 * capacity + 64) * sizeof(*more));

			if (!more)
				return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory");
			capacity = 2 * capacity + 64;
			writer->runs = more;
		}
		writer->runs[writer->run_count++] = (struct imp_written_run){ pfn, 1 };
	}
	writer->copy->pages = writer->total;
	return writer->total ? NULL : imp_error_new(IMP_ERROR_FORMAT, "the dump holds no page to be written");
}

/* The page with number n at n * 4096. */
static struct imp_error *write_raw(struct imp_writer *writer)
{
	struct imp_error *err = NULL;
	const struct imp_written_run *last = &writer->runs[writer->run_count - 1];

	for (size_t i = 0; !err && i < writer->run_count; i++)
		err = imp_writer_put_run(writer, &writer->runs[i], writer->runs[i].first << IMP_PAGE_SHIFT);
	writer->copy->size = (last->first + last->count) << IMP_PAGE_SHIFT;
	writer->copy->filled = last->first + last->count - writer->copy->pages;
	return err;
}

static const struct type {
	const char *name;
	bool needs_header;
	struct imp_error *(*write)(struct imp_writer *writer);
} types[] = {
	{ "full", true, imp_write_full }, { "bitmap", true, imp_write_bitmap }, { "kernel", true, imp_write_kernel },
	{ "raw", false, write_raw },      { "elf", false, imp_write_elf },
};

static const struct type *find_type(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(types[i].name, name))
			return &types[i];
	}
	return NULL;
}

bool imp_dump_copy_type(const char *type)
{
	return find_type(type);
}

bool imp_dump_copy_needs_header(const char *type)
{
	const struct type *found = find_type(type);

	return found && found->needs_header;
}

struct imp_error *imp_dump_copy(struct imp_dump_copy *copy, const char *name)
{
	const struct type *type = find_type(name);
	struct imp_writer writer = { .copy = copy };
	struct imp_error *err;

	copy->pages = copy->filled = copy->size = 0;
	if (!type)
		return imp_error_new(IMP_ERROR_USAGE, "no such type of dump: %s", name);
	if (type->needs_header && copy->header.size != DUMP_HEADER64_SIZE)
		return imp_error_new(IMP_ERROR_USAGE, "a %s dump needs a dump header", name);
	err = collect_runs(&writer);
	if (!err)
		err = type->write(&writer);
	/* What lies behind the last page that was not zero. */
	if (!err && ftruncate(copy->file, (off_t)copy->size) < 0)
		err = imp_error_new(IMP_ERROR_IO, "cannot make the file %llu bytes large: %s", (unsigned long long)copy->size, strerror(errno));
	free(writer.runs);
	return err;
}
