/* Functions whose frames compilers build in every way they know: the test steps through all of them. No headers, no imports. */
#define NOINLINE __attribute__((noinline))

typedef unsigned long long u64;
typedef u64 (*function)(u64);

volatile u64 sink = 1;
volatile double fraction = 1.5;

void frames_asm(void);
void frames_handwritten(void);

NOINLINE u64 leaf(u64 a)
{
	return a * 3 + sink;
}

NOINLINE static u64 tail(u64 a)
{
	return leaf(a + 1);
}

NOINLINE static u64 tail_through_pointer(u64 a, function *where)
{
	sink += a;
	return where[a & 1](a);
}

/* Keeps every non-volatile register busy across calls. */
NOINLINE static u64 busy(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h)
{
	u64 i = leaf(a), j = leaf(b + i), k = leaf(c ^ j), l = leaf(d + k), m = leaf(e * l), n = leaf(f + m), o = leaf(g ^ n), p = leaf(h + o);

	return a + b * i + c * j + d * k + e * l + f * m + g * n + h * o + p + leaf(i ^ j ^ k ^ l ^ m ^ n ^ o ^ p);
}

/* More than a page: the stack is probed, and the allocation takes the large form. */
NOINLINE static u64 large_frame(u64 a)
{
	volatile unsigned char buffer[20000];

	buffer[a % sizeof(buffer)] = (unsigned char)a;
	return leaf(a) + buffer[a % sizeof(buffer)];
}

NOINLINE static u64 huge_frame(u64 a)
{
	volatile unsigned char buffer[600000];

	buffer[a % sizeof(buffer)] = (unsigned char)a;
	return leaf(a) + buffer[a % sizeof(buffer)];
}

/* A frame whose size is known only when it runs, so that a frame register is needed. */
NOINLINE static u64 dynamic_frame(u64 a)
{
	volatile u64 *array = __builtin_alloca(a * 8 + 8);
	volatile unsigned char fixed[200];

	fixed[a] = 3;
	for (u64 i = 0; i <= a; i++)
		array[i] = leaf(i) + fixed[a];
	return array[a] + leaf(array[0]);
}

NOINLINE static u64 aligned_frame(u64 a)
{
	volatile u64 __attribute__((aligned(64))) line[8];

	line[a & 7] = a;
	return leaf(line[a & 7]) + (u64)line % 64;
}

/* Doubles that live across calls: xmm6 and up are saved. */
NOINLINE static double doubles(double a, double b)
{
	double c = a * b, d = a + b, e = a - b;

	sink += leaf(1);
	double f = c * d + fraction;
	sink += leaf(2);
	return (a + b + c + d + e + f) * fraction + (double)leaf(3);
}

NOINLINE static u64 recursion(u64 depth)
{
	return depth ? recursion(depth - 1) * 3 + leaf(depth) : leaf(sink);
}

/* Returns early on one path: compilers delay the prologue. */
NOINLINE static u64 shrink_wrapped(u64 a, u64 b)
{
	if (!a)
		return b;
	for (u64 i = 0; i < 3; i++)
		b += leaf(a + i) * leaf(b);
	return b ^ a;
}

NOINLINE static u64 cases(u64 a)
{
	switch (a) {
	case 0:
		return leaf(7) + 1;
	case 1:
		return leaf(leaf(3)) * 2;
	case 2:
		return busy(1, 2, 3, 4, 5, 6, 7, 8);
	case 3:
		sink++;
		return tail(a);
	case 4:
		return recursion(2);
	case 5:
		return leaf(a) ^ 99;
	case 6:
		return shrink_wrapped(a, 1);
	default:
		return leaf(a);
	}
}

NOINLINE static u64 variadic(int count, ...)
{
	__builtin_va_list list;
	u64 sum = 0;

	__builtin_va_start(list, count);
	for (int i = 0; i < count; i++)
		sum += leaf(__builtin_va_arg(list, u64));
	__builtin_va_end(list);
	return sum;
}

__attribute__((cold, noinline)) static u64 cold_function(u64 a)
{
	return leaf(a) - 1;
}

/* The unlikely part may be moved out of the function. */
NOINLINE static u64 partly_cold(u64 a, u64 b, u64 c)
{
	u64 d = leaf(a), e = leaf(b + d), f = leaf(c);

	if (__builtin_expect(a == 3, 0)) {
		d += cold_function(e) + cold_function(f);
		e ^= cold_function(d);
	}
	return d + e * f + leaf(d ^ e);
}

struct large {
	u64 values[6];
};

NOINLINE static struct large returns_struct(u64 a, struct large in)
{
	for (unsigned i = 0; i < 6; i++)
		in.values[i] = in.values[i] + leaf(a);
	return in;
}

__declspec(dllexport) void frames_run(void)
{
	function functions[] = { leaf, tail };
	struct large large = { { 1, 2, 3, 4, 5, 6 } };

	sink += busy(1, 2, 3, 4, 5, 6, 7, 8);
	sink += tail(5) + tail_through_pointer(4, functions) + tail_through_pointer(5, functions);
	sink += large_frame(1234) + huge_frame(54321);
	sink += dynamic_frame(6) + aligned_frame(3);
	sink += (u64)doubles(2.5, fraction);
	sink += recursion(5);
	sink += shrink_wrapped(0, 3) + shrink_wrapped(2, 3);
	for (u64 i = 0; i < 9; i++)
		sink += cases(i);
	sink += variadic(5, 1ull, 2ull, 3ull, 4ull, 5ull);
	sink += partly_cold(1, 2, 3) + partly_cold(3, 2, 1);
	large = returns_struct(2, large);
	sink += large.values[3];
	frames_asm();
#ifdef HANDWRITTEN
	frames_handwritten();
#endif
}
