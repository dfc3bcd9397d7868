/* Types of the sample program. What the tests expect of them is what llvm-pdbutil says, and for a few what this file says. */
#ifndef SAMPLE_H
#define SAMPLE_H

/* Named as NT names them, for the forms that `dt` has for them. */
typedef struct _LIST_ENTRY {
	struct _LIST_ENTRY *Flink;
	struct _LIST_ENTRY *Blink;
} LIST_ENTRY;
typedef union _LARGE_INTEGER {
	struct {
		unsigned long LowPart;
		long HighPart;
	};
	struct {
		unsigned long LowPart;
		long HighPart;
	} u;
	long long QuadPart;
} LARGE_INTEGER;
typedef __WCHAR_TYPE__ wchar_t;
typedef struct _UNICODE_STRING {
	unsigned short Length;
	unsigned short MaximumLength;
	wchar_t *Buffer;
} UNICODE_STRING;
typedef struct _GUID {
	unsigned long Data1;
	unsigned short Data2;
	unsigned short Data3;
	unsigned char Data4[8];
} GUID;

typedef struct _SAMPLE_HEADER {
	union {
		volatile long Lock;
		struct {
			unsigned char Type;
			unsigned char Signalling;
			unsigned char Size;
			unsigned char Reserved;
		};
		struct {
			unsigned char TimerType;
			unsigned char Absolute : 1;
			unsigned char Wake : 1;
			unsigned char EncodedTolerableDelay : 6;
			unsigned char Hand;
			unsigned char Index : 6;
			unsigned char Inserted : 1;
			unsigned char Expired : 1;
		};
	};
	long SignalState;
	LIST_ENTRY WaitListHead;
} SAMPLE_HEADER;

enum sample_state { SampleIdle, SampleRunning, SampleStopped = 0x20, SampleBroken = -1 };
enum sample_wide : unsigned long long { SampleSmall = 1, SampleLarge = 0xfedcba9876543210ull };

struct sample_slot {
	unsigned long long Key;
	void *Object;
	unsigned int Low : 4, Middle : 24, High : 4;
	int Signed : 5;
};

typedef struct _SAMPLE_NODE {
	SAMPLE_HEADER Header;
	struct _SAMPLE_NODE *Next;
	struct sample_slot Slots[4];
	int Matrix[3][5];
	enum sample_state State;
	int (*Callback)(struct _SAMPLE_NODE *node, unsigned count);
	union {
		struct {
			unsigned short Inner1;
			unsigned short Inner2;
		};
		unsigned long Whole;
		struct {
			unsigned char Bytes[4];
		} Named;
	};
	const char *Name;
	unsigned char Tail[];
} SAMPLE_NODE;

union sample_number {
	unsigned long long Quad;
	double Real;
	float Single;
};

struct sample_values {
	signed char Char;
	unsigned char Byte;
	short Short;
	unsigned short Word;
	int Int;
	unsigned int Dword;
	long long Int64;
	unsigned long long Qword;
	float Float;
	double Double;
	wchar_t Wide;
	_Bool Flag;
	char Text[12];
	wchar_t WideText[8];
	unsigned char Binary[4];
	unsigned long Numbers[3];
	void *Pointers[2];
	LIST_ENTRY List;
	LIST_ENTRY Lists[2];
	LARGE_INTEGER Large;
	LARGE_INTEGER Zero;
	UNICODE_STRING String;
	UNICODE_STRING *StringPointer;
	GUID Guid;
	enum sample_state State;
	enum sample_state Unknown;
	enum sample_wide WideState;
	void *Null;
	void *Void;
	SAMPLE_NODE *Node;
	unsigned long *NumberPointer;
	char *TextPointer;
	int (*Function)(int);
	unsigned long Bit : 1, Two : 2, Four : 4, Five : 5, Many : 20;
};

/* More enumerators than one field list record (64 KiB) holds. */
#define MANY_1(n)    SampleEnumeratorWithAQuiteLongNameToFillARecord##n
#define MANY_4(n)    MANY_1(n##0), MANY_1(n##1), MANY_1(n##2), MANY_1(n##3)
#define MANY_16(n)   MANY_4(n##0), MANY_4(n##1), MANY_4(n##2), MANY_4(n##3)
#define MANY_64(n)   MANY_16(n##0), MANY_16(n##1), MANY_16(n##2), MANY_16(n##3)
#define MANY_256(n)  MANY_64(n##0), MANY_64(n##1), MANY_64(n##2), MANY_64(n##3)
#define MANY_1024(n) MANY_256(n##0), MANY_256(n##1), MANY_256(n##2), MANY_256(n##3)
enum sample_many { MANY_1024(a), MANY_1024(b) };

int SampleOther(int value);

#endif
