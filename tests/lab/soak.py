#!/usr/bin/env python3
"""Creates, starts, stops and deletes three drivers again and again, and compares what the kernel holds before and after, in two dumps.

Usage: soak.py ACCEL CPUS CYCLES. The build folder comes from IMPASSE_BUILD. Exit code 77: KVM runs no guest here.
"""
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import scenarios

DRIVERS = ("sensor_read_fixed", "server_stop_fixed", "three_stages_fixed")
# What ended threads and closed files leave is freed by worker threads and once a second: the counts are given this long to come back.
SETTLE = 60


def cycle(lab, name):
	lab.must("sc", "create", name, "type=", "kernel", "binPath=", scenarios.BUILD / "drivers" / f"{name}.sys")
	scenarios.expect(lab.sc("start", name)[0]["state"], "RUNNING", "sc start")
	scenarios.expect(lab.sc("stop", name)[0]["state"], "STOPPED", "sc stop")
	lab.must("sc", "delete", name)


def holdings(lab):
	"""Blocks of pool by tag, threads, handles and modules, as the debugger finds them in a dump."""
	dump = lab.folder / "soak.dmp"
	lab.must("dump", "-o", dump)
	output = lab.must("-z", dump, "--json", "-c", "!poolused; !process 0 2; lm; q")
	dump.unlink()
	results = {row["result"]: row for row in map(json.loads, output.splitlines()) if row.get("result")}
	held = {}
	for tag in results["!poolused"]["tags"]:
		for pool in ("nonpaged", "paged"):
			# Not the bytes: a rest of 16 that is too small to be a free block stays with the block that was cut (MiCutBlock in mm/pool.c).
			held[f"{pool} pool {tag['tag']}"] = tag[f"{pool}_allocs"] - tag[f"{pool}_frees"]
	processes = results["!process"]["processes"]
	held["threads"] = sum(process["threads_active"] for process in processes)
	held["handles"] = sum(process["handles"] for process in processes)
	held["modules"] = sorted(module["name"] for module in results["lm"]["modules"] if not module["unload_time"])
	return held


def differences(before, after):
	return {key: (before.get(key), after.get(key)) for key in sorted({*before, *after}) if before.get(key) != after.get(key)}


def steady(lab):
	"""What is held when two dumps, a second and more apart, agree."""
	deadline = time.monotonic() + SETTLE
	held = holdings(lab)
	while True:
		time.sleep(1.5)
		before, held = held, holdings(lab)
		if held == before:
			return held
		if time.monotonic() > deadline:
			sys.exit(f"FAILED: idle, and still changing: {differences(before, held)}")


def soak(lab, cycles):
	# The first rounds fill what stays: caches, lookaside lists, the ring of the last 50 unloaded modules. Whole rounds leave the same names in it.
	rounds = -(-cycles // len(DRIVERS))
	for name in DRIVERS * 20:
		cycle(lab, name)
	before = steady(lab)
	for name in DRIVERS * rounds:
		cycle(lab, name)
	deadline = time.monotonic() + SETTLE
	while True:
		different = differences(before, holdings(lab))
		if not different or time.monotonic() > deadline:
			break
		time.sleep(0.5)
	for key, (old, new) in different.items():
		print(f"FAILED: {key}: {old} before, {new} after {rounds * len(DRIVERS)} cycles")
	print(f"{rounds * len(DRIVERS)} cycles; {len(before)} counts compared: {before['threads']} threads, {before['handles']} handles, {len(before['modules'])} modules")
	return 1 if different else 0


def main(accel, cpus, cycles):
	folder = Path(tempfile.mkdtemp())
	lab = scenarios.Lab(accel, int(cpus), folder)
	try:
		return soak(lab, int(cycles))
	finally:
		lab.run("lab", "down")
		shutil.rmtree(folder)


if __name__ == "__main__":
	sys.exit(main(*sys.argv[1:]))
