/* qsort and bsearch: a heap sort, so that no input makes it quadratic and no recursion eats the small kernel stack. */
#include "rtl.h"

typedef int RTL_COMPARE(const void *, const void *);

static void RtlpSwap(unsigned char *a, unsigned char *b, size_t width)
{
	while (width-- > 0) {
		unsigned char swap = *a;

		*a++ = *b;
		*b++ = swap;
	}
}

static void RtlpSiftDown(unsigned char *base, size_t root, size_t count, size_t width, RTL_COMPARE *compare)
{
	for (;;) {
		size_t child = 2 * root + 1;

		if (child >= count)
			return;
		if (child + 1 < count && compare(base + child * width, base + (child + 1) * width) < 0)
			child++;
		if (compare(base + root * width, base + child * width) >= 0)
			return;
		RtlpSwap(base + root * width, base + child * width, width);
		root = child;
	}
}

void qsort(void *base, size_t count, size_t width, RTL_COMPARE *compare)
{
	unsigned char *elements = base;

	for (size_t root = count / 2; root-- > 0;)
		RtlpSiftDown(elements, root, count, width, compare);
	for (size_t last = count; last-- > 1;) {
		RtlpSwap(elements, elements + last * width, width);
		RtlpSiftDown(elements, 0, last, width, compare);
	}
}

void *bsearch(const void *key, const void *base, size_t count, size_t width, RTL_COMPARE *compare)
{
	const unsigned char *elements = base;

	while (count > 0) {
		const unsigned char *middle = elements + (count / 2) * width;
		int order = compare(key, middle);

		if (order == 0)
			return (void *)middle;
		if (order > 0) {
			elements = middle + width;
			count--;
		}
		count /= 2;
	}
	return NULL;
}
