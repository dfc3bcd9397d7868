#!/usr/bin/env python3
"""QEMU's answers to "which physical address is behind this virtual one", and the debugger's.

  qemu_pages.py ask SOCKET FILE              asks the running machine's monitor
  qemu_pages.py compare IMPASSE DUMP FILE    compares with !vtop and !pte on a dump of it

A seeded sample of what `info tlb` lists (kernel image, pool, stacks, page tables), each with an offset into its page, asked again one by one with
`gva2gpa`; and addresses that are not mapped, or not canonical.
"""
import json, random, re, socket, subprocess, sys

SEED, SAMPLE, UNMAPPED = 20231125, 400, 40


def ask(path, out):
    link = socket.socket(socket.AF_UNIX)
    link.connect(path)
    lines = link.makefile("rw")

    def command(name, **arguments):
        lines.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        lines.flush()
        while True:
            answer = json.loads(lines.readline())
            if "error" in answer:
                raise SystemExit(f"{name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def monitor(text):
        return command("human-monitor-command", **{"command-line": text})

    lines.readline()
    command("qmp_capabilities")
    mapped = [int(m, 16) for m in re.findall(r"^([0-9a-f]{16}): [0-9a-f]{16} ", monitor("info tlb"), re.M)]
    chance = random.Random(SEED)
    some = chance.sample(mapped, min(SAMPLE, len(mapped)))
    addresses = [a + chance.randrange(0x1000) for a in some]
    pages = set(mapped)
    while len(addresses) < len(some) + UNMAPPED:
        a = chance.choice(mapped) ^ 1 << chance.randrange(21, 47)
        if a not in pages:
            addresses.append(a)
    answers = {}
    for a in addresses:
        match = re.search(r"gpa: (?:0x)?([0-9a-f]+)", monitor(f"gva2gpa {a:#x}"))
        answers[f"{a:x}"] = int(match.group(1), 16) if match else None
    with open(out, "w") as file:
        json.dump(answers, file)
    print(f"{len(addresses)} of {len(mapped)} mapped pages and others (seed {SEED}) are asked")


def compare(impasse, dump, file):
    answers = json.load(open(file))
    differ = 0
    for name in ("!vtop 0", "!pte"):
        commands = "; ".join(f"{name} {a}" for a in answers)
        run = subprocess.run([impasse, "--json", "-z", dump], input=commands.replace("; ", "\n") + "\nq\n", capture_output=True, text=True)
        results = [json.loads(line) for line in run.stdout.splitlines()]
        if len(results) != len(answers):
            raise SystemExit(f"{len(results)} results for {len(answers)} addresses: {run.stderr}")
        for (address, physical), result in zip(answers.items(), results):
            # !pte of a page table's own address speaks of what that entry maps.
            if int(result["address"], 16) != int(address, 16):
                continue
            ours = int(result["physical"], 16) if result["physical"] else None
            if ours != physical:
                differ += 1
                print(f"{name} {address}: {ours} here, {physical} in QEMU")
    mapped = sum(p is not None for p in answers.values())
    if mapped < 100 or mapped == len(answers):
        raise SystemExit(f"{mapped} of {len(answers)} are mapped: that is no sample")
    print(f"{len(answers)} addresses, {mapped} mapped, {differ} differ")


ask(*sys.argv[2:]) if sys.argv[1] == "ask" else compare(*sys.argv[2:])
