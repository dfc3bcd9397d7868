/* The two assertions of which the layout_*.c files consist. */

#pragma once

#ifndef LAYOUT_BUILD
#define LAYOUT_BUILD "22621"
#endif

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has another size in build " LAYOUT_BUILD)
#define FIELD(type, field, offset) \
	_Static_assert(__builtin_offsetof(type, field) == (offset), #type "." #field " lies elsewhere in build " LAYOUT_BUILD)
