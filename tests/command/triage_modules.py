"""The modules that `lm` lists of a triage dump, compared with an independent reading of the file: triage_modules.py DUMP PROGRAM SYMBOLS"""
import json
import struct
import subprocess
import sys

path, program, symbols = sys.argv[1:]
with open(path, "rb") as file:
    data = file.read()


def word(offset):
    return struct.unpack_from("<I", data, offset)[0]


def address(offset):
    return struct.unpack_from("<Q", data, offset)[0]


def text(offset, count):
    return data[offset : offset + 2 * count].decode("utf-16-le")


loaded = []
for index in range(word(0x2034)):
    entry = word(0x2030) + 0x90 * index
    name = word(entry)
    loaded.append((address(entry + 0x38), word(entry + 0x48), word(entry + 0x88), text(name + 4, word(name))))
unloaded = []
for index in range(word(word(0x2018))):
    entry = word(0x2018) + 8 + 0x38 * index
    start, end = address(entry + 0x28), address(entry + 0x30)
    unloaded.append((start, end - start, text(entry + 0x10, struct.unpack_from("<H", data, entry)[0] // 2)))

output = subprocess.run([program, "-z", path, "-y", symbols, "--json", "-c", "lm; q"], capture_output=True, text=True, check=True).stdout
listed = json.loads(output.splitlines()[0])
found = [(int(m["start"], 16), m["size"], int(m["time_date_stamp"], 16), m["path"]) for m in listed["modules"]]
gone = [(int(m["start"], 16), m["size"], m["image"]) for m in listed["unloaded_modules"]]
for left, right in ((loaded, found), (unloaded, gone)):
    for one, other in zip(left, right):
        assert one == other, (one, other)
    assert len(left) == len(right), (len(left), len(right))
print(f"{len(found)} modules and {len(gone)} unloaded ones agree")
