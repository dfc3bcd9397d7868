/* The x64 page walk: four or five levels, 2 MiB and 1 GiB pages, and what Windows keeps in entries that are not valid for the processor.
 * Sources: Intel SDM volume 3, 4.5 (4-level and 5-level paging); the public listings of _MMPTE_TRANSITION, _MMPTE_PROTOTYPE, _MMPTE_SOFTWARE and
 * _MMPTE_SUBSECTION (the test of this file compares them with real kernels' symbols); for the mask of L1TF, _MI_HARDWARE_STATE.InvalidPteMask.
 */
#include "memory/walk.h"

#define PTE_VALID       (UINT64_C(1) << 0)
#define PTE_SWIZZLE     (UINT64_C(1) << 4)  /* of a software entry: its address bits are as they are, without the mask */
#define PTE_LARGE       (UINT64_C(1) << 7)  /* in the two levels that may map a page */
#define PTE_PROTOTYPE   (UINT64_C(1) << 10) /* of a software entry */
#define PTE_TRANSITION  (UINT64_C(1) << 11)
#define PTE_FRAME       UINT64_C(0x000ffffffffff000) /* physical address of page or next table */
#define PTE_PAGE_FILE   UINT64_C(0xffffffff00000000) /* _MMPTE_SOFTWARE.PageFileHigh: a page's place in its page file */
#define PTE_ASK_VAD     UINT64_C(0xffffffff0000)     /* _MMPTE_PROTOTYPE.ProtoAddress: only the VAD tells */
#define PROTOTYPE_SHIFT 16                           /* of _MMPTE_PROTOTYPE.ProtoAddress, which is sign-extended */
#define LARGE_MASK      (PTE_LARGE | PTE_VALID)

enum { INDEX_BITS = 9 };

static bool read_entry(const struct imp_dump *dump, uint64_t physical, uint64_t *entry)
{
	const uint8_t *page = imp_dump_page(dump, physical >> IMP_PAGE_SHIFT);

	if (page)
		memcpy(entry, page + (physical & (IMP_PAGE_SIZE - 1) & ~UINT64_C(7)), sizeof(*entry));
	return page;
}

/* An entry that is not valid, without the bits that keep processors from speculating with it (L1TF). */
static uint64_t unmask(const struct imp_paging *paging, uint64_t entry)
{
	return entry & (PTE_VALID | PTE_SWIZZLE) || !entry ? entry : entry & ~paging->invalid_mask;
}

/* What an entry that maps no page for the processor says. A transition page was taken from a working set, but still holds its contents. */
static enum imp_page_state software_state(uint64_t entry)
{
	if (!entry)
		return IMP_PAGE_NONE;
	if (entry & PTE_PROTOTYPE)
		return IMP_PAGE_PROTOTYPE;
	if (entry & PTE_TRANSITION)
		return IMP_PAGE_TRANSITION;
	return entry & PTE_PAGE_FILE ? IMP_PAGE_FILE : IMP_PAGE_DEMAND_ZERO;
}

static void map(struct imp_page_walk *walk, enum imp_page_state state, uint64_t frame)
{
	walk->state = state;
	walk->resident = true;
	walk->physical = (frame & ~(walk->size - 1)) + (walk->address & (walk->size - 1));
}

static bool is_canonical(uint64_t address, unsigned levels)
{
	int64_t high = (int64_t)address >> (IMP_PAGE_SHIFT + INDEX_BITS * levels - 1);

	return high == 0 || high == -1;
}

/* The tables alone: prototype entries are not followed. */
static void walk_tables(const struct imp_dump *dump, const struct imp_paging *paging, uint64_t address, struct imp_page_walk *walk)
{
	uint64_t frame = (address >> 63 ? paging->kernel_table : paging->user_table) & PTE_FRAME;
	unsigned level = paging->levels;

	*walk = (struct imp_page_walk){ .address = address, .levels = paging->levels, .last = paging->levels, .state = IMP_PAGE_NOT_CANONICAL };
	if (!is_canonical(address, paging->levels))
		return;
	do {
		unsigned shift = IMP_PAGE_SHIFT + INDEX_BITS * --level;
		struct imp_page_entry *entry = &walk->entries[level];
		uint64_t value;

		walk->size = UINT64_C(1) << shift;
		entry->physical = frame + 8 * (address >> shift & ((1u << INDEX_BITS) - 1));
		if (!read_entry(dump, entry->physical, &entry->value)) {
			walk->state = IMP_PAGE_TABLE_MISSING;
			return;
		}
		walk->last = level;
		value = unmask(paging, entry->value);
		walk->state = value & PTE_VALID ? IMP_PAGE_VALID : software_state(value);
		if (walk->state != IMP_PAGE_VALID && walk->state != IMP_PAGE_TRANSITION)
			return;
		frame = value & PTE_FRAME;
		if ((level == 1 || level == 2) && (value & LARGE_MASK) == LARGE_MASK)
			break;
	} while (level);
	map(walk, walk->state, frame);
}

/* A page shared by a section: the entry holds the address of the section's own (prototype) entry, which tells where the page is. */
static void follow_prototype(const struct imp_dump *dump, const struct imp_paging *paging, struct imp_page_walk *walk)
{
	uint64_t entry = unmask(paging, walk->entries[0].value), raw;
	struct imp_page_walk table;

	walk->state = IMP_PAGE_PROTOTYPE;
	if (entry >> PROTOTYPE_SHIFT == PTE_ASK_VAD) {
		walk->state = IMP_PAGE_VAD;
		return;
	}
	walk->prototype = (uint64_t)((int64_t)entry >> PROTOTYPE_SHIFT);
	/* Prototype entries live in the kernel's pool, which is not shared itself. */
	if (!(walk->prototype >> 63))
		return;
	walk_tables(dump, paging, walk->prototype, &table);
	if ((table.state != IMP_PAGE_VALID && table.state != IMP_PAGE_TRANSITION) || !read_entry(dump, table.physical, &raw))
		return;
	walk->prototype_read = true;
	walk->prototype_value = raw;
	entry = unmask(paging, raw);
	if (entry & PTE_VALID) {
		map(walk, IMP_PAGE_PROTOTYPE, entry & PTE_FRAME);
		return;
	}
	walk->state = software_state(entry);
	if (walk->state == IMP_PAGE_TRANSITION)
		map(walk, IMP_PAGE_PROTOTYPE, entry & PTE_FRAME);
	else if (walk->state == IMP_PAGE_PROTOTYPE)
		walk->state = IMP_PAGE_MAPPED_FILE;
}

void imp_walk(const struct imp_dump *dump, const struct imp_paging *paging, uint64_t address, struct imp_page_walk *walk)
{
	walk_tables(dump, paging, address, walk);
	if (walk->state == IMP_PAGE_PROTOTYPE && !walk->last)
		follow_prototype(dump, paging, walk);
}

unsigned imp_paging_levels(const struct imp_dump *dump, uint64_t directory_table_base, uint64_t address)
{
	struct imp_paging paging = { .kernel_table = directory_table_base, .user_table = directory_table_base };
	struct imp_page_walk walk;

	for (paging.levels = 4; paging.levels <= IMP_PAGING_LEVELS; paging.levels++) {
		walk_tables(dump, &paging, address, &walk);
		if (walk.resident && imp_dump_page(dump, walk.physical >> IMP_PAGE_SHIFT))
			return paging.levels;
	}
	return 4;
}

const char *imp_page_state_text(const struct imp_page_walk *walk)
{
	/* Of a page, and of a page table that would have to be there first. */
	static const char *const texts[][2] = {
		[IMP_PAGE_VALID] = { "page not in this dump", "page not in this dump" },
		[IMP_PAGE_TRANSITION] = { "page not in this dump (it is in transition)", "page not in this dump (it is in transition)" },
		[IMP_PAGE_PROTOTYPE] = { "page not present (shared, and its prototype entry cannot be read)",
					 "page not present (damaged page table)" },
		[IMP_PAGE_NONE] = { "page not present", "page not present (nor its page table)" },
		[IMP_PAGE_DEMAND_ZERO] = { "page not present (demand-zero: never touched, so it holds zeroes)",
					   "page not present (its page table is demand-zero: nothing there was ever touched)" },
		[IMP_PAGE_FILE] = { "page not present (paged out to a page file)", "page not present (its page table is paged out)" },
		[IMP_PAGE_VAD] = { "page not present (shared, not filled yet: only the VAD describes it)", "page not present (damaged page table)" },
		[IMP_PAGE_MAPPED_FILE] = { "page not present (still in the file that is mapped there)", "page not present (damaged page table)" },
		[IMP_PAGE_TABLE_MISSING] = { "its page table is not in this dump", "its page table is not in this dump" },
		[IMP_PAGE_NOT_CANONICAL] = { "not a canonical address", "not a canonical address" },
	};
	if (walk->state == IMP_PAGE_PROTOTYPE && walk->resident)
		return "page not in this dump (shared, and in memory)";
	return texts[walk->state][walk->last != 0];
}
