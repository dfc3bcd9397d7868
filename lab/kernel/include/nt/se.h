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

typedef union {
	INITIAL_PRIVILEGE_SET InitialPrivilegeSet;
	PRIVILEGE_SET PrivilegeSet;
} ACCESS_STATE_PRIVILEGES;

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
	ACCESS_STATE_PRIVILEGES Privileges;
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

/* The kernel has no tokens; readers of dumps expect their layout, here as in build 22000. */
typedef enum _TOKEN_TYPE {
	TokenPrimary = 1,
	TokenImpersonation,
} TOKEN_TYPE, *PTOKEN_TYPE;

typedef struct _TOKEN_AUDIT_POLICY {
	UCHAR PerUserPolicy[30];
} TOKEN_AUDIT_POLICY, *PTOKEN_AUDIT_POLICY;

typedef struct _SEP_AUDIT_POLICY {
	TOKEN_AUDIT_POLICY AdtTokenPolicy;
	UCHAR PolicySetStatus;
} SEP_AUDIT_POLICY, *PSEP_AUDIT_POLICY;

typedef struct _SID_AND_ATTRIBUTES_HASH {
	ULONG SidCount;
	struct _SID_AND_ATTRIBUTES *SidAttr;
	ULONGLONG Hash[32];
} SID_AND_ATTRIBUTES_HASH, *PSID_AND_ATTRIBUTES_HASH;

typedef struct _SEP_TOKEN_PRIVILEGES {
	ULONGLONG Present;
	ULONGLONG Enabled;
	ULONGLONG EnabledByDefault;
} SEP_TOKEN_PRIVILEGES, *PSEP_TOKEN_PRIVILEGES;

typedef struct _TOKEN_SOURCE {
	CHAR SourceName[8];
	LUID SourceIdentifier;
} TOKEN_SOURCE, *PTOKEN_SOURCE;

typedef struct _TOKEN {
	TOKEN_SOURCE TokenSource;
	LUID TokenId;
	LUID AuthenticationId;
	LUID ParentTokenId;
	LARGE_INTEGER ExpirationTime;
	struct _ERESOURCE *TokenLock;
	LUID ModifiedId;
	SEP_TOKEN_PRIVILEGES Privileges;
	SEP_AUDIT_POLICY AuditPolicy;
	ULONG SessionId;
	ULONG UserAndGroupCount;
	ULONG RestrictedSidCount;
	ULONG VariableLength;
	ULONG DynamicCharged;
	ULONG DynamicAvailable;
	ULONG DefaultOwnerIndex;
	struct _SID_AND_ATTRIBUTES *UserAndGroups;
	struct _SID_AND_ATTRIBUTES *RestrictedSids;
	PVOID PrimaryGroup;
	PULONG DynamicPart;
	struct _ACL *DefaultDacl;
	enum _TOKEN_TYPE TokenType;
	enum _SECURITY_IMPERSONATION_LEVEL ImpersonationLevel;
	ULONG TokenFlags;
	UCHAR TokenInUse;
	ULONG IntegrityLevelIndex;
	ULONG MandatoryPolicy;
	struct _SEP_LOGON_SESSION_REFERENCES *LogonSession;
	LUID OriginatingLogonSession;
	SID_AND_ATTRIBUTES_HASH SidHash;
	SID_AND_ATTRIBUTES_HASH RestrictedSidHash;
	struct _AUTHZBASEP_SECURITY_ATTRIBUTES_INFORMATION *pSecurityAttributes;
	PVOID Package;
	struct _SID_AND_ATTRIBUTES *Capabilities;
	ULONG CapabilityCount;
	SID_AND_ATTRIBUTES_HASH CapabilitiesHash;
	struct _SEP_LOWBOX_NUMBER_ENTRY *LowboxNumberEntry;
	struct _SEP_CACHED_HANDLES_ENTRY *LowboxHandlesEntry;
	struct _AUTHZBASEP_CLAIM_ATTRIBUTES_COLLECTION *pClaimAttributes;
	PVOID TrustLevelSid;
	struct _TOKEN *TrustLinkedToken;
	PVOID IntegrityLevelSidValue;
	struct _SEP_SID_VALUES_BLOCK *TokenSidValues;
	struct _SEP_LUID_TO_INDEX_MAP_ENTRY *IndexEntry;
	struct _SEP_TOKEN_DIAG_TRACK_ENTRY *DiagnosticInfo;
	struct _SEP_CACHED_HANDLES_ENTRY *BnoIsolationHandlesEntry;
	PVOID SessionObject;
	ULONGLONG VariablePart;
} TOKEN, *PTOKEN;
