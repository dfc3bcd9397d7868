/* The x64 page walk: four levels, 2 MiB and 1 GiB pages, and what Windows keeps in entries that are not valid for the processor.
 * Sources: Intel SDM volume 3, 4.5 (4-level paging); the public listing of _MMPTE_TRANSITION, _MMPTE_PROTOTYPE and _MMPTE_SOFTWARE.
 * Five levels are not told apart: the dump header does not say LA57.
 */
#include "memory/walk.h"

#define PTE_VALID        (UINT64_C(1) << 0)
#define PTE_LARGE        (UINT64_C(1) << 7)  /* in the two upper levels that may map a page */
#define PTE_PROTOTYPE    (UINT64_C(1) << 10) /* of a software entry */
#define PTE_TRANSITION   (UINT64_C(1) << 11)
#define PTE_FRAME        UINT64_C(0x000ffffffffff000) /* physical address of page or next table */
#define TRANSITION_FRAME UINT64_C(0x0000fffffffff000) /* _MMPTE_TRANSITION.PageFrameNumber has 36 bits */

enum { LEVELS = 4, INDEX_BITS = 9 };

static const char table_missing[] = "its page table is not in this dump";

static bool read_entry(const struct imp_walk *walk, uint64_t physical, uint64_t *entry)
{
	const uint8_t *page = imp_dump_page(walk->dump, physical >> IMP_PAGE_SHIFT);

	if (page)
		memcpy(entry, page + (physical & (IMP_PAGE_SIZE - 1) & ~UINT64_C(7)), sizeof(*entry));
	return page;
}

/* The frame of an entry that is valid, or in transition: taken from a working set, but the page still holds its contents. */
static bool resident_frame(uint64_t entry, uint64_t *frame)
{
	bool transition = (entry & (PTE_VALID | PTE_PROTOTYPE | PTE_TRANSITION)) == PTE_TRANSITION;

	*frame = entry & (transition ? TRANSITION_FRAME : PTE_FRAME);
	return transition || entry & PTE_VALID;
}

static const char *absent(uint64_t entry)
{
	return entry ? "page not present (paged out, or not filled yet)" : "page not present";
}

/* Finds the last entry for `address`: NULL when `*entry` is resident and maps `*size` bytes, else the reason, with the entry that ended the walk. */
static const char *find_entry(const struct imp_walk *walk, uint64_t address, uint64_t *entry, uint64_t *frame, uint64_t *size)
{
	int64_t high = (int64_t)address >> 47;

	*entry = 0;
	*size = 0;
	if (high != 0 && high != -1)
		return "not a canonical address";
	*frame = (address >> 63 ? walk->kernel_table : walk->user_table) & PTE_FRAME;
	for (unsigned level = LEVELS; level-- > 0;) {
		unsigned shift = IMP_PAGE_SHIFT + INDEX_BITS * level;
		uint64_t index = address >> shift & ((1u << INDEX_BITS) - 1);

		*size = UINT64_C(1) << shift;
		if (!read_entry(walk, *frame + 8 * index, entry))
			return table_missing;
		if (!resident_frame(*entry, frame))
			return absent(*entry);
		if ((level == 1 || level == 2) && (*entry & (PTE_LARGE | PTE_VALID)) == (PTE_LARGE | PTE_VALID))
			break;
	}
	return NULL;
}

/* A page shared by a section: the entry holds the address of the section's own (prototype) entry, which tells where the page is. */
static const char *follow_prototype(const struct imp_walk *walk, uint64_t entry, uint64_t *frame)
{
	uint64_t address = (uint64_t)((int64_t)entry >> 16); /* _MMPTE_PROTOTYPE.ProtoAddress, sign-extended */
	uint64_t table_entry, table_frame, size, prototype;
	static const char unresolved[] = "page not present (shared, and its prototype entry cannot be read)";

	/* Prototype entries live in the kernel's pool, and the one that says "ask the VAD" is no address of memory. */
	if (!(address >> 63) || find_entry(walk, address, &table_entry, &table_frame, &size))
		return unresolved;
	if (!read_entry(walk, (table_frame & ~(size - 1)) + (address & (size - 1)), &prototype))
		return unresolved;
	return resident_frame(prototype, frame) ? NULL : absent(prototype);
}

const char *imp_walk(const struct imp_walk *walk, uint64_t address, uint64_t *physical)
{
	uint64_t entry, frame, size;
	const char *reason = find_entry(walk, address, &entry, &frame, &size);

	if (reason && size == IMP_PAGE_SIZE && (entry & (PTE_VALID | PTE_PROTOTYPE)) == PTE_PROTOTYPE)
		reason = follow_prototype(walk, entry, &frame);
	if (!reason)
		*physical = (frame & ~(size - 1)) + (address & (size - 1));
	return reason;
}

bool imp_walk_maps(const struct imp_walk *walk, uint64_t address, uint64_t *size)
{
	uint64_t entry, frame;

	return !find_entry(walk, address, &entry, &frame, size);
}
