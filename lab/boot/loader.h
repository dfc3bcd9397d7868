/* What the parts of the loader share. The loader runs once, on one processor, with the low 4 GiB mapped one to one. */
#ifndef LOADER_H
#define LOADER_H

#include <stddef.h>
#include <stdint.h>

#include "arc.h"

#define PAGE_SIZE    4096ULL
#define PAGES(bytes) (((bytes) + PAGE_SIZE - 1) / PAGE_SIZE)

/* Page-table bits (Intel SDM vol. 3, 4.5); accessed and dirty are set in advance, as NT does for its own pages. */
#define PTE_VALID    0x1ULL
#define PTE_WRITE    0x2ULL
#define PTE_ACCESSED 0x20ULL
#define PTE_DIRTY    0x40ULL
#define PTE_GLOBAL   0x100ULL
#define PTE_NX       0x8000000000000000ULL
#define PTE_ADDRESS  0x000FFFFFFFFFF000ULL

/* Where the kernel, its boot stack and the shared user page are mapped; docs/lab-memory.md. */
#define KERNEL_BASE      0xFFFFF80320000000ULL
#define BOOT_STACK_TOP   0xFFFFF8031FFF0000ULL
#define BOOT_STACK_PAGES 6
#define SHARED_USER_DATA 0xFFFFF78000000000ULL
#define SELF_MAP_INDEX   0x1EDULL

/* main.c: zeroed pages from the memory above the loader; never freed. Stops the machine when there are none. */
void *allocate_pages(uint64_t count);
/* main.c: ends with a sentence on the debug console. */
_Noreturn void stop(const char *why);

/* paging.c */
extern uint64_t *kernel_pml4;
void create_address_space(void);
void map_page(uint64_t virtual_address, uint64_t physical_address, uint64_t bits);

/* pe.c: maps a boot image at `base` and enters it in the block. */
void load_image(LOADER_PARAMETER_BLOCK *block, const char *name, const uint8_t *file, size_t size, uint64_t base);

/* smbios.c: builds the structure table in one page. */
void build_smbios(LOADER_PARAMETER_BLOCK *block);

/* entry.S */
_Noreturn void enter_kernel(uint64_t pml4, uint64_t stack, uint64_t entry, uint64_t loader_block);
extern uint64_t boot_tsc;
extern uint8_t identity_pdpt[];

/* main.c: the compiler calls these. */
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

#endif
