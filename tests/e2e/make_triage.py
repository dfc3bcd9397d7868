"""Makes a triage dump of a complete one, as Windows would write it: make_triage.py PROGRAM FULL SYMBOLS RAW OUT

RAW is the same memory, made by `impasse convert --type raw`. Memory is read through the page tables by this script itself; which addresses are of
interest is asked of the program.
"""
import json
import struct
import subprocess
import sys

program, full, symbols, raw, out = sys.argv[1:]
PRCB_SIZE, PROCESS_SIZE, THREAD_SIZE = 0xC000, 0xC00, 0x900


def ask(*commands):
    command = [program, "-z", full, "-y", symbols, "--json", "-c", "; ".join(commands) + "; q"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in output.splitlines()[: len(commands)]]


with open(full, "rb") as file:
    header = bytearray(file.read(0x2000))
memory = open(raw, "rb")


def physical(address, size):
    memory.seek(address)
    return memory.read(size)


def page(address):
    """The page that holds `address`, None when it is not mapped."""
    table = struct.unpack_from("<Q", header, 0x10)[0] & ~0xFFF
    for shift in (39, 30, 21, 12):
        entry = struct.unpack("<Q", physical(table + 8 * (address >> shift & 511), 8))[0]
        if not entry & 1:
            return None
        table = entry & 0xFFFFFFFFFF000
        if shift < 39 and shift > 12 and entry & 0x80:
            table = (table & ~((1 << shift) - 1)) + (address & ((1 << shift) - 1) & ~0xFFF)
            break
    return physical(table, 0x1000)


def read(address, size):
    """As much of `size` bytes as is mapped."""
    data = b""
    while len(data) < size:
        found = page(address + len(data))
        if found is None:
            break
        within = (address + len(data)) & 0xFFF
        data += found[within : within + size - len(data)]
    return data


def number(value):
    return int(value, 16) if isinstance(value, str) else value


modules, prcb, rsp, array, kdbg, thread = ask(
    "lm", "? poi(nt!KiProcessorBlock)", "? @rsp", "? nt!KiProcessorBlock", "? nt!KdDebuggerDataBlock", "? @$thread"
)
prcb, rsp, array, kdbg, thread = (number(answer["value"]) for answer in (prcb, rsp, array, kdbg, thread))
(process,) = ask("? @$proc")
process = number(process["value"])

# The header's context is where the crash happened, in both kinds of dump.
header[0xF98:0xF9C] = struct.pack("<I", 4)
header[0x80:0x88] = struct.pack("<Q", kdbg)
blocks = [(array, read(array, 16)), (thread, read(thread, 8))]
kernel = number(modules["modules"][0]["start"])
blocks.append((kernel, read(kernel, 0x1000)))
parts = {}
data = bytearray(header) + bytearray(0x80)


def add(content):
    while len(data) % 8:
        data.append(0)
    at = len(data)
    data.extend(content)
    return at


parts["unloaded"] = add(struct.pack("<Q", 0))
parts["prcb"] = add(read(prcb, PRCB_SIZE))
parts["process"] = add(read(process, PROCESS_SIZE))
parts["thread"] = add(read(thread, THREAD_SIZE))
stack = read(rsp, 0x8000)
parts["stack"] = add(stack)
names = []
for module in modules["modules"]:
    text = "\\SystemRoot\\System32\\drivers\\" + module["image"]
    names.append(add(struct.pack("<I", len(text)) + text.encode("utf-16-le")))
entries = b""
for name, module in zip(names, modules["modules"]):
    entry = bytearray(0x90)
    struct.pack_into("<I", entry, 0, name)
    struct.pack_into("<Q", entry, 0x38, number(module["start"]))
    struct.pack_into("<I", entry, 0x48, module["size"])
    struct.pack_into("<I", entry, 0x88, number(module["time_date_stamp"] or "0"))
    entries += entry
parts["drivers"] = add(entries)
debugger = read(kdbg, 0x380)
parts["kdbg"] = add(debugger)
table = b"".join(struct.pack("<QII", address, add(content), len(content)) for address, content in blocks)
parts["blocks"] = add(table)
end = add(struct.pack("<I", 0x44475254))
values = [0, len(data), end, 0x348, 0xF00, 0, parts["unloaded"], parts["prcb"], parts["process"], parts["thread"], parts["stack"], len(stack)]
values += [parts["drivers"], len(names), names[0], parts["drivers"] - names[0], 0, 0xFFFFFFFF]
struct.pack_into("<18I", data, 0x2000, *values)
struct.pack_into("<Q", data, 0x2048, rsp)
struct.pack_into("<4I", data, 0x2070, parts["kdbg"], len(debugger), parts["blocks"], len(blocks))
with open(out, "wb") as file:
    file.write(data)
