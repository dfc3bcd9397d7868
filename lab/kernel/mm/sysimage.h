/*
 * A driver's image between its file and running code (mm/sysimage.c), for mm/sysload.c.
 */
#ifndef SYSIMAGE_H
#define SYSIMAGE_H

#include "mm.h"
#include "io.h"

#define MI_TAG_LOAD 'dLmM'

/* Image data directories by index (winnt.h). */

#define IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG 10

/* A mapped image: every access goes through MiImageAt. */
typedef struct _MI_IMAGE {
	PUCHAR Base;
	ULONG Size;                    /* whole pages */
	PIMAGE_NT_HEADERS64 Headers;   /* in the mapped image */
	PIMAGE_SECTION_HEADER Sections;
} MI_IMAGE, *PMI_IMAGE;

/* Length bytes at Rva of the image; NULL: not inside it. */
PVOID MiImageAt(const MI_IMAGE *Image, ULONG Rva, ULONG Length);
/* A NUL-ended string at Rva; NULL: not inside the image. */
const CHAR *MiImageString(const MI_IMAGE *Image, ULONG Rva);
/* The directory's range, inside the image; FALSE: none, or one that lies. */
BOOLEAN MiImageDirectory(const MI_IMAGE *Image, ULONG Index, PULONG Rva, PULONG Size);

/*
 * Checks File and maps it at a new address, relocated, with its cookie set; still writable. STATUS_INVALID_IMAGE_FORMAT: not a
 * 64-bit driver.
 */
NTSTATUS MiMapDriverImage(const UCHAR *File, ULONG FileSize, PMI_IMAGE Image);
/* Code stops being writable, data executable. */
VOID MiProtectImageSections(const MI_IMAGE *Image);

/* mm/sysbind.c */
BOOLEAN MiIsBootImage(const MI_IMAGE *Image);
/* Fills the import address tables. */
NTSTATUS MiBindImports(const MI_IMAGE *Image, PMI_MISSING_IMPORT Missing);

#endif
