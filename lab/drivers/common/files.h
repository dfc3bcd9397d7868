/* The job that the event drivers' threads share out: C:\Temp\file_N.txt made, then moved to C:\Temp2\NewFile_N.txt. */
#pragma once

#include <ntifs.h>

#define FILE_COUNT      1000 /* files */
#define WRITES_PER_FILE 100  /* lines of 15 bytes each */

/* Makes C:\Temp\file_0.txt ... file_999.txt. A file that cannot be made is passed over; the first failure is returned. */
NTSTATUS CreateFiles(VOID);
/* Renames each of them to C:\Temp2\NewFile_N.txt, replacing what is there. The first failure is returned. */
NTSTATUS MoveFiles(VOID);
