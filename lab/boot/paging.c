/* The kernel's page tables: four levels of 4 KiB pages, with the level-4 table entered in itself so that tables have addresses. */
#include "loader.h"

#define TABLE_BITS (PTE_VALID | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)

uint64_t *kernel_pml4;

/* The loader's identity map stays reachable in slot 0 until the kernel has taken over. */
void create_address_space(void)
{
	kernel_pml4 = allocate_pages(1);
	kernel_pml4[0] = (uint64_t)identity_pdpt | TABLE_BITS;
	kernel_pml4[SELF_MAP_INDEX] = (uint64_t)kernel_pml4 | TABLE_BITS | PTE_NX;
}

static uint64_t *next_table(uint64_t *entry)
{
	if (!(*entry & PTE_VALID))
		*entry = (uint64_t)allocate_pages(1) | TABLE_BITS;
	return (uint64_t *)(*entry & PTE_ADDRESS);
}

void map_page(uint64_t virtual_address, uint64_t physical_address, uint64_t bits)
{
	uint64_t *table = kernel_pml4;

	for (unsigned shift = 39; shift > 12; shift -= 9)
		table = next_table(&table[(virtual_address >> shift) & 511]);
	table[(virtual_address >> 12) & 511] = physical_address | PTE_VALID | PTE_ACCESSED | PTE_GLOBAL | bits;
}
