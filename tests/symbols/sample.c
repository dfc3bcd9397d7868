/* The program whose PDB, made by clang and lld-link, the tests of src/symbols and src/types read: one specimen of each thing that a PDB can say. */
#include "sample.h"

int SampleGlobal = 7;
static long SampleStatic = 3;
const char SampleText[] = "text";
SAMPLE_NODE SampleNode;
union sample_number SampleNumber;
enum sample_wide SampleWide;
enum sample_many SampleMany;
struct sample_values SampleValues;

unsigned _tls_index; /* what the C library gives otherwise */

static __attribute__((noinline)) int helper(int value)
{
	static volatile int SampleCalls;
	static volatile __thread int SampleDepth;

	SampleCalls++;
	SampleDepth++;
	SampleStatic += value;
	return (int)SampleStatic;
}

__attribute__((noinline)) int SampleFunction(SAMPLE_NODE *node, unsigned count)
{
	int sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += helper((int)node->Slots[i % 4].Key);
	return sum + SampleGlobal;
}

int SampleEntry(void)
{
	struct local_only {
		short first, second;
	} volatile local = { 1, 2 };

	SampleNode.Header.Type = (unsigned char)local.first;
	return SampleFunction(&SampleNode, 9) + SampleText[0] + SampleOther(3) + (int)SampleNumber.Quad + (int)SampleWide + (int)SampleMany +
	       (int)SampleValues.Char;
}
