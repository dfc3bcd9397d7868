/* Security types as far as the kernel's objects embed them or routines take them. */

#pragma once

typedef struct _LUID {
	ULONG LowPart;
	LONG HighPart;
} LUID, *PLUID;

typedef struct _LUID_AND_ATTRIBUTES {
	LUID Luid;
	ULONG Attributes;
} LUID_AND_ATTRIBUTES, *PLUID_AND_ATTRIBUTES;

typedef struct _ACL {
	UCHAR AclRevision;
	UCHAR Sbz1;
	USHORT AclSize;
	USHORT AceCount;
	USHORT Sbz2;
} ACL, *PACL;

typedef struct _SID_IDENTIFIER_AUTHORITY {
	UCHAR Value[6];
} SID_IDENTIFIER_AUTHORITY, *PSID_IDENTIFIER_AUTHORITY;

typedef struct _SID {
	UCHAR Revision;
	UCHAR SubAuthorityCount;
	SID_IDENTIFIER_AUTHORITY IdentifierAuthority;
	ULONG SubAuthority[1];
} SID;

typedef struct _SECURITY_DESCRIPTOR {
	UCHAR Revision;
	UCHAR Sbz1;
	USHORT Control;
	PVOID Owner;
	PVOID Group;
	struct _ACL *Sacl;
	struct _ACL *Dacl;
} SECURITY_DESCRIPTOR;

typedef struct _GENERIC_MAPPING {
	ULONG GenericRead;
	ULONG GenericWrite;
	ULONG GenericExecute;
	ULONG GenericAll;
} GENERIC_MAPPING, *PGENERIC_MAPPING;

typedef struct _PRIVILEGE_SET {
	ULONG PrivilegeCount;
	ULONG Control;
	LUID_AND_ATTRIBUTES Privilege[1];
} PRIVILEGE_SET, *PPRIVILEGE_SET;

typedef struct _INITIAL_PRIVILEGE_SET {
	ULONG PrivilegeCount;
	ULONG Control;
	LUID_AND_ATTRIBUTES Privilege[3];
} INITIAL_PRIVILEGE_SET, *PINITIAL_PRIVILEGE_SET;

typedef struct _SECURITY_QUALITY_OF_SERVICE {
	ULONG Length;
	enum _SECURITY_IMPERSONATION_LEVEL ImpersonationLevel;
	UCHAR ContextTrackingMode;
	UCHAR EffectiveOnly;
} SECURITY_QUALITY_OF_SERVICE, *PSECURITY_QUALITY_OF_SERVICE;

typedef struct _SECURITY_SUBJECT_CONTEXT {
	PVOID ClientToken;
	enum _SECURITY_IMPERSONATION_LEVEL ImpersonationLevel;
	PVOID PrimaryToken;
	PVOID ProcessAuditId;
} SECURITY_SUBJECT_CONTEXT, *PSECURITY_SUBJECT_CONTEXT;

typedef struct _ACCESS_STATE {
	LUID OperationID;
	UCHAR SecurityEvaluated;
	UCHAR GenerateAudit;
	UCHAR GenerateOnClose;
	UCHAR PrivilegesAllocated;
	ULONG Flags;
	ULONG RemainingDesiredAccess;
	ULONG PreviouslyGrantedAccess;
	ULONG OriginalDesiredAccess;
	SECURITY_SUBJECT_CONTEXT SubjectSecurityContext;
	PVOID SecurityDescriptor;
	PVOID AuxData;
	union {
		INITIAL_PRIVILEGE_SET InitialPrivilegeSet;
		PRIVILEGE_SET PrivilegeSet;
	} Privileges;
	UCHAR AuditPrivileges;
	UNICODE_STRING ObjectName;
	UNICODE_STRING ObjectTypeName;
} ACCESS_STATE, *PACCESS_STATE;

typedef struct _SE_AUDIT_PROCESS_CREATION_INFO {
	struct _OBJECT_NAME_INFORMATION *ImageFileName;
} SE_AUDIT_PROCESS_CREATION_INFO, *PSE_AUDIT_PROCESS_CREATION_INFO;

typedef union _PS_CLIENT_SECURITY_CONTEXT {
	ULONGLONG ImpersonationData;
	PVOID ImpersonationToken;
	struct {
		ULONGLONG ImpersonationLevel : 2;
		ULONGLONG EffectiveOnly : 1;
	};
} PS_CLIENT_SECURITY_CONTEXT, *PPS_CLIENT_SECURITY_CONTEXT;
