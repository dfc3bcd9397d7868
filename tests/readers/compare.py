#!/usr/bin/env python3
"""Compares what impasse and other readers say about one dump: header, runs, KDBG, processes, threads, modules.

Usage: compare.py IMPASSE LAB DUMP. LAB is the folder with ntkrnlmp.pdb. The readers are where IMPASSE_VOLATILITY (vol.py) and
IMPASSE_KDMP_PARSER say; what is not named is left out. Prints a line for each fact; exit code 1 when any differs.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

impasse, lab, dump = sys.argv[1:4]
differences = 0


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


def compare(fact, ours, theirs):
    """Both are values, or sets of tuples of which only the odd ones are printed."""
    global differences
    if ours == theirs:
        count = f" ({len(ours)})" if isinstance(ours, set) else f" ({ours})"
        print(f"same: {fact}{count}")
        return
    differences += 1
    if isinstance(ours, set):
        ours, theirs = sorted(ours - theirs), sorted(theirs - ours)
    print(f"DIFFERENT: {fact}: impasse {ours}, the other {theirs}")


def ask(commands):
    """impasse's answers to these commands, by command."""
    lines = run(impasse, "--json", "-z", dump, "-y", lab, "-c", commands + "; q").splitlines()
    return {answer["command"]: answer for answer in map(json.loads, filter(None, lines))}


def number(text):
    return int(text, 16)


def canonical(address):
    """Volatility drops the upper 16 bits of addresses."""
    return address | 0xFFFF << 48 if address >> 47 & 1 else address


def seconds(time):
    return time[:19]


def volatility(vol):
    """Makes the ISF with Volatility's own converter, then asks its plugins."""
    with tempfile.TemporaryDirectory() as symbols:
        folder = os.path.join(symbols, "windows", "ntkrnlmp.pdb")
        os.makedirs(folder)
        isf = os.path.join(folder, "made.json")
        root = os.path.dirname(os.path.abspath(vol))
        converter = os.path.join(root, "volatility3", "framework", "symbols", "windows", "pdbconv.py")
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])))
        subprocess.run([sys.executable, converter, "-p", "ntkrnlmp.pdb", "-f", os.path.join(lab, "ntkrnlmp.pdb"), "-o", isf],
                       check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(isf, encoding="utf-8") as file:
            pdb = json.load(file)["metadata"]["windows"]["pdb"]
        os.rename(isf, os.path.join(folder, f"{pdb['GUID']}-{pdb['age']}.json"))

        def plugin(name):
            return json.loads(run(sys.executable, vol, "-q", "--offline", "-r", "json", "-s", symbols, "-f", dump, f"windows.{name}"))

        ours = ask("di; tl; lt; lm")
        info = {row["Variable"]: row["Value"] for row in plugin("info")}
        compare("kernel base", number(ours["di"]["kernel_base"]), canonical(number(info["Kernel Base"])))
        # Volatility reads 32 characters of it.
        compare("build lab", ours["di"]["build_lab"][:32], info["NTBuildLab"])
        compare("system time", seconds(ours["di"]["session_time"]), info["SystemTime"][:19].replace(" ", "T"))
        processes = {(p["pid"], p["name"], number(p["address"]), p["threads"]) for p in ours["tl"]["processes"]}
        for name in ("pslist", "psscan"):
            compare(f"processes ({name})", processes,
                    {(p["PID"], p["ImageFileName"], canonical(p["Offset(V)"]), p["Threads"]) for p in plugin(name)})
        threads = {(t["tid"], number(t["thread"])) for t in ours["lt"]["threads"]}
        for name in ("threads", "thrdscan"):
            compare(f"threads ({name})", threads, {(t["TID"], canonical(t["Offset"])) for t in plugin(name)})
        compare("modules", {(number(m["start"]), number(m["end"]), m["image"], m["path"]) for m in ours["lm"]["modules"]},
                {(canonical(m["Base"]), canonical(m["Base"]) + m["Size"], m["Name"], m["Path"]) for m in plugin("modules")})
        compare("unloaded modules",
                {(number(m["start"]), number(m["end"]), m["image"], seconds(m["unload_time"])) for m in ours["lm"]["unloaded_modules"]},
                {(m["StartAddress"], m["EndAddress"], m["Name"], seconds(m["Time"])) for m in plugin("unloadedmodules")})


def kdmp(parser):
    text = run(parser, "-a", dump)

    def field(name):
        return number(re.search(rf"\b{name} *: 0x([0-9a-f]+)", text).group(1))

    machine = ask("di")["di"]
    # The header of a kernel's dump describes the machine's memory, of which it holds a part.
    whole = field("NumberOfPages") if machine["format"].startswith("live kernel") else machine["pages"]
    compare("pages of the header", whole, field("NumberOfPages"))
    compare("pages of the runs", whole, sum(number(n) for n in re.findall(r"\bPageCount *: 0x([0-9a-f]+)", text)))
    compare("list of modules", number(machine["loaded_module_list"]), field("PsLoadedModuleList"))
    for name, symbol in (("list of processes", "PsActiveProcessHead"), ("block for debuggers", "KdDebuggerDataBlock")):
        question = f"? nt!{symbol}"
        compare(name, number(ask(question)[question]["value"]), field(symbol))
    compare("bugcheck", number(machine["bugcheck"]["code"]), field("BugCheckCode"))
    compare("build", machine["build"], field("MinorVersion"))
    pages = set(re.findall(r"^([0-9a-f]{8,16}): ", run(parser, "-p", dump), re.MULTILINE))
    compare("pages that can be read", machine["pages"], len(pages))


for variable, reader in (("IMPASSE_VOLATILITY", volatility), ("IMPASSE_KDMP_PARSER", kdmp)):
    if os.environ.get(variable):
        print(f"{os.environ[variable]}:")
        reader(os.environ[variable])
print(f"{differences} differences")
sys.exit(differences != 0)
