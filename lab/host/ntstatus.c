/* The mapping that RtlNtStatusToDosError is documented to do (learn.microsoft.com, winternl.h; the pairs are those of the public
 * list "Mapping NT Status Error Codes to Win32 Error Codes"), for the codes that a driver, the loader or the I/O system returns.
 */

#include "ntstatus.h"

#include <stddef.h>

#define ERROR_MR_MID_NOT_FOUND 317

/* FACILITY_NTWIN32 statuses hold a Windows error code in their lower half. */
#define NTWIN32_MASK     0xffff0000u
#define NTWIN32_FACILITY 0xc0070000u
#define HRESULT_WIN32    0x80070000u

struct row {
	uint32_t status;
	uint32_t error;
};

/* In ascending order of the status. */
static const struct row rows[] = {
	{ 0x80000002, 998 },  /* DATATYPE_MISALIGNMENT */
	{ 0x80000005, 234 },  /* BUFFER_OVERFLOW */
	{ 0x80000006, 18 },   /* NO_MORE_FILES */
	{ 0x8000000d, 299 },  /* PARTIAL_COPY */
	{ 0x8000000f, 21 },   /* DEVICE_POWERED_OFF */
	{ 0x80000010, 21 },   /* DEVICE_OFF_LINE */
	{ 0x80000011, 170 },  /* DEVICE_BUSY */
	{ 0x8000001a, 259 },  /* NO_MORE_ENTRIES */
	{ 0xc0000001, 31 },   /* UNSUCCESSFUL */
	{ 0xc0000002, 1 },    /* NOT_IMPLEMENTED */
	{ 0xc0000003, 87 },   /* INVALID_INFO_CLASS */
	{ 0xc0000004, 24 },   /* INFO_LENGTH_MISMATCH */
	{ 0xc0000005, 998 },  /* ACCESS_VIOLATION */
	{ 0xc0000006, 999 },  /* IN_PAGE_ERROR */
	{ 0xc0000008, 6 },    /* INVALID_HANDLE */
	{ 0xc000000b, 87 },   /* INVALID_CID */
	{ 0xc000000d, 87 },   /* INVALID_PARAMETER */
	{ 0xc000000e, 2 },    /* NO_SUCH_DEVICE */
	{ 0xc000000f, 2 },    /* NO_SUCH_FILE */
	{ 0xc0000010, 1 },    /* INVALID_DEVICE_REQUEST */
	{ 0xc0000011, 38 },   /* END_OF_FILE */
	{ 0xc0000013, 21 },   /* NO_MEDIA_IN_DEVICE */
	{ 0xc0000016, 234 },  /* MORE_PROCESSING_REQUIRED */
	{ 0xc0000017, 8 },    /* NO_MEMORY */
	{ 0xc0000018, 487 },  /* CONFLICTING_ADDRESSES */
	{ 0xc000001c, 1 },    /* INVALID_SYSTEM_SERVICE */
	{ 0xc0000020, 193 },  /* INVALID_FILE_FOR_SECTION */
	{ 0xc0000021, 5 },    /* ALREADY_COMMITTED */
	{ 0xc0000022, 5 },    /* ACCESS_DENIED */
	{ 0xc0000023, 122 },  /* BUFFER_TOO_SMALL */
	{ 0xc0000024, 6 },    /* OBJECT_TYPE_MISMATCH */
	{ 0xc0000030, 87 },   /* INVALID_PARAMETER_MIX */
	{ 0xc0000032, 1393 }, /* DISK_CORRUPT_ERROR */
	{ 0xc0000033, 123 },  /* OBJECT_NAME_INVALID */
	{ 0xc0000034, 2 },    /* OBJECT_NAME_NOT_FOUND */
	{ 0xc0000035, 183 },  /* OBJECT_NAME_COLLISION */
	{ 0xc0000039, 161 },  /* OBJECT_PATH_INVALID */
	{ 0xc000003a, 3 },    /* OBJECT_PATH_NOT_FOUND */
	{ 0xc000003b, 161 },  /* OBJECT_PATH_SYNTAX_BAD */
	{ 0xc000003e, 23 },   /* DATA_ERROR */
	{ 0xc0000040, 8 },    /* SECTION_TOO_BIG */
	{ 0xc0000043, 32 },   /* SHARING_VIOLATION */
	{ 0xc0000044, 1816 }, /* QUOTA_EXCEEDED */
	{ 0xc0000045, 87 },   /* INVALID_PAGE_PROTECTION */
	{ 0xc0000046, 288 },  /* MUTANT_NOT_OWNED */
	{ 0xc0000047, 298 },  /* SEMAPHORE_LIMIT_EXCEEDED */
	{ 0xc000004b, 5 },    /* THREAD_IS_TERMINATING */
	{ 0xc0000054, 33 },   /* FILE_LOCK_CONFLICT */
	{ 0xc0000056, 5 },    /* DELETE_PENDING */
	{ 0xc0000059, 1306 }, /* REVISION_MISMATCH */
	{ 0xc0000061, 1314 }, /* PRIVILEGE_NOT_HELD */
	{ 0xc000007a, 127 },  /* PROCEDURE_NOT_FOUND */
	{ 0xc000007b, 193 },  /* INVALID_IMAGE_FORMAT */
	{ 0xc000007f, 112 },  /* DISK_FULL */
	{ 0xc0000095, 534 },  /* INTEGER_OVERFLOW */
	{ 0xc0000098, 1006 }, /* FILE_INVALID */
	{ 0xc000009a, 1450 }, /* INSUFFICIENT_RESOURCES */
	{ 0xc000009c, 23 },   /* DEVICE_DATA_ERROR */
	{ 0xc000009d, 1167 }, /* DEVICE_NOT_CONNECTED */
	{ 0xc00000a0, 487 },  /* MEMORY_NOT_ALLOCATED */
	{ 0xc00000a2, 19 },   /* MEDIA_WRITE_PROTECTED */
	{ 0xc00000a3, 21 },   /* DEVICE_NOT_READY */
	{ 0xc00000af, 1 },    /* ILLEGAL_FUNCTION */
	{ 0xc00000b5, 121 },  /* IO_TIMEOUT */
	{ 0xc00000ba, 5 },    /* FILE_IS_A_DIRECTORY */
	{ 0xc00000bb, 50 },   /* NOT_SUPPORTED */
	{ 0xc00000c0, 55 },   /* DEVICE_DOES_NOT_EXIST */
	{ 0xc00000cb, 66 },   /* BAD_DEVICE_TYPE */
	{ 0xc00000d4, 17 },   /* NOT_SAME_DEVICE */
	{ 0xc00000e5, 1359 }, /* INTERNAL_ERROR */
	{ 0xc00000ef, 87 },   /* INVALID_PARAMETER_1 */
	{ 0xc00000f0, 87 },   /* INVALID_PARAMETER_2 */
	{ 0xc00000f1, 87 },   /* INVALID_PARAMETER_3 */
	{ 0xc00000f2, 87 },   /* INVALID_PARAMETER_4 */
	{ 0xc00000fd, 1001 }, /* STACK_OVERFLOW */
	{ 0xc0000101, 145 },  /* DIRECTORY_NOT_EMPTY */
	{ 0xc0000102, 1392 }, /* FILE_CORRUPT_ERROR */
	{ 0xc0000103, 267 },  /* NOT_A_DIRECTORY */
	{ 0xc0000106, 206 },  /* NAME_TOO_LONG */
	{ 0xc0000107, 2401 }, /* FILES_OPEN */
	{ 0xc000010a, 5 },    /* PROCESS_IS_TERMINATING */
	{ 0xc000010e, 1056 }, /* IMAGE_ALREADY_LOADED */
	{ 0xc000011b, 193 },  /* INVALID_IMAGE_NE_FORMAT */
	{ 0xc000011e, 1006 }, /* MAPPED_FILE_SIZE_ZERO */
	{ 0xc000011f, 4 },    /* TOO_MANY_OPENED_FILES */
	{ 0xc0000120, 995 },  /* CANCELLED */
	{ 0xc0000121, 5 },    /* CANNOT_DELETE */
	{ 0xc0000123, 5 },    /* FILE_DELETED */
	{ 0xc0000128, 6 },    /* FILE_CLOSED */
	{ 0xc000012d, 1455 }, /* COMMITMENT_LIMIT */
	{ 0xc000012e, 193 },  /* INVALID_IMAGE_LE_FORMAT */
	{ 0xc000012f, 193 },  /* INVALID_IMAGE_NOT_MZ */
	{ 0xc0000130, 193 },  /* INVALID_IMAGE_PROTECT */
	{ 0xc0000131, 193 },  /* INVALID_IMAGE_WIN_16 */
	{ 0xc0000135, 126 },  /* DLL_NOT_FOUND */
	{ 0xc0000138, 182 },  /* ORDINAL_NOT_FOUND */
	{ 0xc0000139, 127 },  /* ENTRYPOINT_NOT_FOUND */
	{ 0xc0000142, 1114 }, /* DLL_INIT_FAILED */
	{ 0xc0000184, 22 },   /* INVALID_DEVICE_STATE */
	{ 0xc0000185, 1117 }, /* IO_DEVICE_ERROR */
	{ 0xc0000194, 1131 }, /* POSSIBLE_DEADLOCK */
	{ 0xc0000206, 1784 }, /* INVALID_BUFFER_SIZE */
	{ 0xc0000221, 193 },  /* IMAGE_CHECKSUM_MISMATCH */
	{ 0xc0000225, 1168 }, /* NOT_FOUND */
	{ 0xc000022d, 1237 }, /* RETRY */
	{ 0xc000025e, 1058 }, /* PLUGPLAY_NO_DEVICE */
	{ 0xc0000262, 182 },  /* DRIVER_ORDINAL_NOT_FOUND */
	{ 0xc0000263, 127 },  /* DRIVER_ENTRYPOINT_NOT_FOUND */
	{ 0xc000026c, 2001 }, /* DRIVER_UNABLE_TO_LOAD */
	{ 0xc00002b6, 1617 }, /* DEVICE_REMOVED */
	{ 0xc0000359, 193 },  /* INVALID_IMAGE_WIN_32 */
	{ 0xc000035a, 193 },  /* INVALID_IMAGE_WIN_64 */
	{ 0xc0000365, 647 },  /* FAILED_DRIVER_ENTRY */
	{ 0xc000036b, 1275 }, /* DRIVER_BLOCKED_CRITICAL */
	{ 0xc000036c, 1275 }, /* DRIVER_BLOCKED */
	{ 0xc0000428, 577 },  /* INVALID_IMAGE_HASH */
};

uint32_t imp_ntstatus_to_win32(uint32_t status)
{
	size_t low = 0, high = sizeof(rows) / sizeof(rows[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].status == status)
			return rows[middle].error;
		if (rows[middle].status < status)
			low = middle + 1;
		else
			high = middle;
	}
	if ((status & NTWIN32_MASK) == NTWIN32_FACILITY || (status & NTWIN32_MASK) == HRESULT_WIN32)
		return status & 0xffff;
	return ERROR_MR_MID_NOT_FOUND;
}
