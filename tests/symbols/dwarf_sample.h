/* Shared by the units of the DWARF sample. */
#ifndef DWARF_SAMPLE_H
#define DWARF_SAMPLE_H

int DwarfOther(int value);

/* Types of every kind, for which the two compilers agree about where fields lie. */
enum dwarf_state { DwarfIdle, DwarfBusy = 0x20, DwarfBroken = -1 };
struct dwarf_elsewhere;

struct dwarf_inner {
	unsigned char Tag;
	double Weight;
};

typedef struct _DWARF_NODE {
	struct _DWARF_NODE *Next;
	struct dwarf_elsewhere *Elsewhere;
	int Matrix[3][5];
	unsigned Low : 4, Middle : 24, High : 4;
	unsigned long long Wide : 40, Rest : 24;
	signed char Small : 3;
	enum dwarf_state State;
	int (*Callback)(struct _DWARF_NODE *node, unsigned count);
	union {
		struct {
			unsigned short First;
			unsigned short Second;
		};
		unsigned long Whole;
		struct {
			unsigned char Bytes[4];
		} Named;
	};
	struct dwarf_inner Inner, Inners[2];
	const char *volatile Name;
	const void *Anything;
	_Bool Flag;
	long long Long;
	short Short;
	float Float;
	unsigned char Tail[];
} DWARF_NODE;

typedef struct {
	int Left;
	DWARF_NODE *Right;
} DWARF_PAIR;

union dwarf_number {
	unsigned long long Quad;
	float Single;
};

static __attribute__((noinline, unused)) int in_header(int value)
{
	return value ? value - 1 : 9;
}

#endif
