/*
 * What the loader (lab/boot) hands to KiSystemStartup: a reduced LOADER_PARAMETER_BLOCK. Fields that NT's block has keep NT's
 * names; tables replace its linked lists. Shared by two compilers' targets, hence plain C types; all addresses are 64 bits wide.
 * Everything that is pointed to lies in loader memory and is reachable until MmInitSystem drops the loader's identity map; the
 * kernel's copy of the block and of the strings (KeLoaderBlock) stays valid.
 */
#ifndef ARC_H
#define ARC_H

#include <stdint.h>

#define LOADER_BLOCK_MODULES 4
#define LOADER_BLOCK_RUNS 32
#define LOADER_BLOCK_OPTIONS 2048

/* One boot image. Names are ASCII: BaseDllName as "ntoskrnl.exe", FullDllName as "\SystemRoot\system32\ntoskrnl.exe". */
typedef struct _LOADER_MODULE {
	uint64_t DllBase;
	uint64_t EntryPoint;
	uint32_t SizeOfImage;
	uint32_t TimeDateStamp;
	uint32_t CheckSum;
	uint32_t Reserved;
	char BaseDllName[32];
	char FullDllName[64];
} LOADER_MODULE, *PLOADER_MODULE;

/* What a run of physical pages is used for, after NT's TYPE_OF_MEMORY. */
typedef enum _LOADER_MEMORY_TYPE {
	LoaderFree = 2,           /* RAM nobody uses */
	LoaderBad = 3,            /* in a dump, never handed out: page 0 */
	LoaderLoadedProgram = 4,  /* the loader itself: free once the kernel has copied this block */
	LoaderSystemCode = 9,     /* boot images, the kernel's page tables, PCR and boot stack */
	LoaderFirmwarePermanent = 16, /* SMBIOS tables */
} LOADER_MEMORY_TYPE;

/* BasePage and PageCount in 4 KiB pages; ascending, not overlapping. */
typedef struct _LOADER_MEMORY_RUN {
	uint64_t BasePage;
	uint64_t PageCount;
	uint32_t MemoryType;
	uint32_t Reserved;
} LOADER_MEMORY_RUN, *PLOADER_MEMORY_RUN;

typedef struct _LOADER_PARAMETER_BLOCK {
	uint32_t OsMajorVersion;
	uint32_t OsMinorVersion;
	uint32_t Size;            /* of this structure, a check that loader and kernel are of one build */
	uint32_t ModuleCount;
	LOADER_MODULE Modules[LOADER_BLOCK_MODULES]; /* load order, the kernel first */
	uint32_t RunCount;
	uint32_t Reserved;
	LOADER_MEMORY_RUN Runs[LOADER_BLOCK_RUNS];
	uint64_t DirectoryTable;  /* physical address of the PML4 in CR3 */
	uint64_t KernelStack;     /* top of the boot stack, later the idle thread's */
	uint64_t SmbiosTable;     /* physical address of the SMBIOS structure table */
	uint32_t SmbiosLength;
	uint8_t SmbiosMajor;
	uint8_t SmbiosMinor;
	uint16_t Reserved2;
	uint64_t BootStartTsc;    /* time stamp counter at the loader's first instruction */
	uint64_t Rsdp;            /* physical address of the ACPI root pointer, 0 when the machine has none */
	char LoadOptions[LOADER_BLOCK_OPTIONS]; /* the command line, NUL-ended */
} LOADER_PARAMETER_BLOCK, *PLOADER_PARAMETER_BLOCK;

#endif
