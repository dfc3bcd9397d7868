/* The texts that FormatMessage gives for the codes of ntstatus.c and of the service control manager, in Windows' own words, because
 * scripts look for them ("System Error Codes" at learn.microsoft.com). A `%1` is what sc.exe prints too.
 */

#include "winerror.h"

#include <stddef.h>

static const struct {
	uint32_t code;
	const char *text;
} texts[] = {
	{ 0, "The operation completed successfully." },
	{ 1, "Incorrect function." },
	{ 2, "The system cannot find the file specified." },
	{ 3, "The system cannot find the path specified." },
	{ 4, "The system cannot open the file." },
	{ 5, "Access is denied." },
	{ 6, "The handle is invalid." },
	{ 8, "Not enough memory resources are available to process this command." },
	{ 17, "The system cannot move the file to a different disk drive." },
	{ 18, "There are no more files." },
	{ 19, "The media is write protected." },
	{ 21, "The device is not ready." },
	{ 22, "The device does not recognize the command." },
	{ 23, "Data error (cyclic redundancy check)." },
	{ 24, "The program issued a command but the command length is incorrect." },
	{ 31, "A device attached to the system is not functioning." },
	{ 32, "The process cannot access the file because it is being used by another process." },
	{ 33, "The process cannot access the file because another process has locked a portion of the file." },
	{ 38, "Reached the end of the file." },
	{ 50, "The request is not supported." },
	{ 55, "The specified network resource or device is no longer available." },
	{ 66, "The network resource type is not correct." },
	{ 80, "The file exists." },
	{ 87, "The parameter is incorrect." },
	{ 112, "There is not enough space on the disk." },
	{ 121, "The semaphore timeout period has expired." },
	{ 122, "The data area passed to a system call is too small." },
	{ 123, "The filename, directory name, or volume label syntax is incorrect." },
	{ 126, "The specified module could not be found." },
	{ 127, "The specified procedure could not be found." },
	{ 145, "The directory is not empty." },
	{ 161, "The specified path is invalid." },
	{ 170, "The requested resource is in use." },
	{ 182, "The operating system cannot run %1." },
	{ 183, "Cannot create a file when that file already exists." },
	{ 193, "%1 is not a valid Win32 application." },
	{ 206, "The filename or extension is too long." },
	{ 234, "More data is available." },
	{ 259, "No more data is available." },
	{ 267, "The directory name is invalid." },
	{ 288, "Attempt to release mutex not owned by caller." },
	{ 298, "Too many posts were made to a semaphore." },
	{ 299, "Only part of a ReadProcessMemory or WriteProcessMemory request was completed." },
	{ 317, "The system cannot find message text for message number 0x%1 in the message file for %2." },
	{ 487, "Attempt to access invalid address." },
	{ 534, "Arithmetic result exceeded 32 bits." },
	{ 577, "Windows cannot verify the digital signature for this file. A recent hardware or software change might have installed a file "
	       "that is signed incorrectly or damaged, or that might be malicious software from an unknown source." },
	{ 995, "The I/O operation has been aborted because of either a thread exit or an application request." },
	{ 998, "Invalid access to memory location." },
	{ 999, "Error performing inpage operation." },
	{ 1001, "Recursion too deep; the stack overflowed." },
	{ 1006, "The volume for a file has been externally altered so that the opened file is no longer valid." },
	{ 1052, "The requested control is not valid for this service." },
	{ 1053, "The service did not respond to the start or control request in a timely fashion." },
	{ 1056, "An instance of the service is already running." },
	{ 1058, "The service cannot be started, either because it is disabled or because it has no enabled devices associated with it." },
	{ 1060, "The specified service does not exist as an installed service." },
	{ 1061, "The service cannot accept control messages at this time." },
	{ 1062, "The service has not been started." },
	{ 1072, "The specified service has been marked for deletion." },
	{ 1073, "The specified service already exists." },
	{ 1077, "No attempts to start the service have been made since the last boot." },
	{ 1078, "The name is already in use as either a service name or a service display name." },
	{ 1114, "A dynamic link library (DLL) initialization routine failed." },
	{ 1117, "The request could not be performed because of an I/O device error." },
	{ 1131, "A potential deadlock condition has been detected." },
	{ 1167, "The device is not connected." },
	{ 1168, "Element not found." },
	{ 1237, "The operation could not be completed. A retry should be performed." },
	{ 1275, "This driver has been blocked from loading" },
	{ 1306, "Indicates two revision levels are incompatible." },
	{ 1314, "A required privilege is not held by the client." },
	{ 1359, "An internal error occurred." },
	{ 1392, "The file or directory is corrupted and unreadable." },
	{ 1393, "The disk structure is corrupted and unreadable." },
	{ 1450, "Insufficient system resources exist to complete the requested service." },
	{ 1455, "The paging file is too small for this operation to complete." },
	{ 1617, "The device has been removed." },
	{ 1722, "The RPC server is unavailable." },
	{ 1784, "The supplied user buffer is not valid for the requested operation." },
	{ 1816, "Not enough quota is available to process this command." },
	{ 2001, "The specified driver is invalid." },
	{ 2401, "This network connection has files open or requests pending." },
};

const char *imp_winerror_text(uint32_t code)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].code == code)
			return texts[i].text;
	}
	return "Windows has a text for this code that the lab's table does not hold.";
}
