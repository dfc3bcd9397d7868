#!/usr/bin/env python3
"""Puts a fifth level above the page tables of raw memory, as a processor with CR4.LA57 set has it (Intel SDM vol. 3, 4.5).

Usage: five_levels.py IN OUT. Every page that maps itself is the top of page tables; its new top maps itself instead.
"""
import struct
import sys

PAGE, FRAME, PRESENT_WRITABLE, LARGE, LAST = 4096, 0x000FFFFFFFFFF000, 3, 0x80, 511

memory = bytearray(open(sys.argv[1], "rb").read())
tops = []
for pfn in range(len(memory) // PAGE):
    entries = struct.unpack_from("<512Q", memory, pfn * PAGE)
    # The top has no large pages: an entry with that bit is of another kind of page.
    slots = [i for i in range(256, 512) if entries[i] & (LARGE | 3) == 3 and (entries[i] & FRAME) // PAGE == pfn]
    if slots:
        tops.append((pfn, slots[0]))
assert tops, "no page maps itself"
unused = (pfn for pfn in range(len(memory) // PAGE - 1, 0, -1) if not any(memory[pfn * PAGE : (pfn + 1) * PAGE]))
for pfn, slot in tops:
    top = next(unused)
    struct.pack_into("<Q", memory, pfn * PAGE + 8 * slot, 0)
    struct.pack_into("<Q", memory, top * PAGE + 8 * slot, top * PAGE | PRESENT_WRITABLE)
    for half in (0, LAST):
        struct.pack_into("<Q", memory, top * PAGE + 8 * half, pfn * PAGE | PRESENT_WRITABLE)
    for block in range(1, 256):  # processors start with the new one
        at = block * PAGE + 0xA0
        if struct.unpack_from("<Q", memory, at)[0] == pfn * PAGE:
            struct.pack_into("<Q", memory, at, top * PAGE)
open(sys.argv[2], "wb").write(memory)
