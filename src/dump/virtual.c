/* Ranges of virtual memory in a file: see virtual.h. */
#include "dump/virtual.h"

#include <stdlib.h>

bool imp_virtual_room(struct imp_virtual *virtual, size_t capacity)
{
	virtual->ranges = calloc(capacity, sizeof(virtual->ranges[0]));
	virtual->capacity = virtual->ranges ? capacity : 0;
	return virtual->ranges;
}

void imp_virtual_free(struct imp_virtual *virtual)
{
	free(virtual->ranges);
}

void imp_virtual_add(struct imp_virtual *virtual, uint64_t address, struct imp_span bytes)
{
	if (virtual->count < virtual->capacity)
		virtual->ranges[virtual->count++] = (struct imp_virtual_range){ address, bytes };
}

static int by_address(const void *left, const void *right)
{
	const struct imp_virtual_range *a = left, *b = right;

	return (a->address > b->address) - (a->address < b->address);
}

void imp_virtual_sort(struct imp_virtual *virtual)
{
	uint64_t end = 0; /* of what has been kept */
	size_t kept = 0;

	qsort(virtual->ranges, virtual->count, sizeof(virtual->ranges[0]), by_address);
	for (size_t i = 0; i < virtual->count; i++) {
		struct imp_virtual_range range = virtual->ranges[i];
		uint64_t known = end > range.address ? end - range.address : 0;

		if (known >= range.bytes.size)
			continue;
		range.address += known;
		range.bytes.data += known;
		range.bytes.size -= (size_t)known;
		end = range.address + range.bytes.size;
		virtual->ranges[kept++] = range;
	}
	virtual->count = kept;
}

struct imp_span imp_virtual_at(const struct imp_dump *dump, uint64_t address)
{
	const struct imp_virtual *virtual = dump->state;
	size_t low = 0, high = virtual->count; /* the first range that ends behind `address` lies in [low, high] */
	struct imp_span part = { 0 };

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (virtual->ranges[middle].address + virtual->ranges[middle].bytes.size <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < virtual->count && virtual->ranges[low].address <= address) {
		const struct imp_virtual_range *range = &virtual->ranges[low];

		imp_span_slice(range->bytes, address - range->address, range->bytes.size - (address - range->address), &part);
	}
	return part;
}
