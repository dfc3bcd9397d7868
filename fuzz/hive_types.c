/* The kernel's structures that lead to a registry hive, and those of its cells, for the PDB that fuzz_hive reads them by. What stands in a hive's file
 * has its real layout; the rest, which is found by name, any.
 */
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct _LIST_ENTRY {
	struct _LIST_ENTRY *Flink, *Blink;
} CmpHiveListHead;

struct _UNICODE_STRING {
	u16 Length, MaximumLength;
	u16 *Buffer;
};

struct _HBASE_BLOCK {
	char Begin[0x24];
	u32 RootCell;
};

struct _HMAP_ENTRY {
	u64 BlockOffset, PermanentBinAddress;
};

struct _HMAP_TABLE {
	struct _HMAP_ENTRY Table[512];
} HiveTable;

struct _HMAP_DIRECTORY {
	struct _HMAP_TABLE *Directory[1024];
} HiveDirectory;

struct _DUAL {
	u32 Length;
	struct _HMAP_DIRECTORY *Map;
};

struct _HHIVE {
	u32 Signature;
	struct _HBASE_BLOCK *BaseBlock;
	struct _DUAL Storage[2];
};

struct _CMHIVE {
	struct _HHIVE Hive;
	struct _LIST_ENTRY HiveList;
	struct _UNICODE_STRING FileFullPath, FileUserName, HiveRootPath;
} Hive;

#pragma pack(push, 1)
struct _CHILD_LIST {
	u32 Count, List;
};

struct _CM_KEY_NODE {
	u16 Signature, Flags;
	u64 LastWriteTime;
	u32 Spare, Parent, SubKeyCounts[2], SubKeyLists[2];
	struct _CHILD_LIST ValueList;
	u32 Security, Class, Longest[4], WorkVar;
	u16 NameLength, ClassLength, Name[1];
} Key;

struct _CM_KEY_VALUE {
	u16 Signature, NameLength;
	u32 DataLength, Data, Type;
	u16 Flags, Spare, Name[1];
} Value;

struct _CM_KEY_INDEX {
	u16 Signature, Count;
	u32 List[1];
} Index;

struct _CM_BIG_DATA {
	u16 Signature, Count;
	u32 List;
} BigData;
#pragma pack(pop)

u16 HiveRootPath[32];
struct _HBASE_BLOCK *BaseBlock;

int HiveTypes(void)
{
	return sizeof(*BaseBlock);
}
