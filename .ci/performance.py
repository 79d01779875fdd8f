"""Prints the rows of docs/performance.md: CPU seconds and peak memory of the program, each workload run several times.

    python3 .ci/performance.py [--runs 5] [--counts] [--before PROGRAM] PROGRAM [WORKLOAD ...]

CPU seconds are user + system of the whole process, as the system counts them on its exit; memory is its largest resident set. With --before
the program of before stands beside. --counts adds user instructions: by `perf stat` where it may count, else by callgrind (slow).
WORKLOADs are parts of names; all without any. Needs Linux and Python 3.10.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parent.parent / "benches" / "scenarios"
OFFICE = ["office", "--set", "run.days=14"]


def office(adoption, threads):
    return [*OFFICE, "--set", f"phones.adoption={adoption}", "--threads", str(threads)]


def shipped(name, *more):
    return [str(SCENARIOS / f"{name}.toml"), *more]


WORKLOADS = [
    *((f"floor of {n} workers, 2 days", shipped(f"floor-{n}", "--threads", "1")) for n in (250, 500, 1000)),
    ("12,000 people in homes, 2 days", shipped("homes-12000", "--threads", "1")),
    ("6,400 workers as 3,200 trial pairs", shipped("pairs-3200", "--threads", "1")),
    *((f"office, 14 days, adoption {a}, one thread", office(a, 1)) for a in (0.129, 0.6, 1)),
    ("office, 14 days, adoption 0.6, two threads", office(0.6, 2)),
]


def run(command, stderr=subprocess.DEVNULL):
    """User + system seconds, wall seconds and peak bytes of a command, which must succeed."""
    began = os.times().elapsed
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"performance: {' '.join(command)}: exit status {status}")
    return usage.ru_utime + usage.ru_stime, os.times().elapsed - began, usage.ru_maxrss * 1024


def instructions(command):
    """User instructions of a command."""
    with tempfile.NamedTemporaryFile(mode="r") as said:
        if shutil.which("perf"):
            run(["perf", "stat", "-x", ";", "-e", "instructions:u", "-o", said.name, *command])
            counted = re.search(r"^(\d+);", said.read(), re.MULTILINE)
            if counted:
                return int(counted[1])
        if not shutil.which("valgrind"):
            return None
        run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={said.name}", *command])
        said.seek(0)
        return int(re.search(r"refs:\s*([\d,]+)", said.read())[1].replace(",", ""))


def middle(numbers):
    return sorted(numbers)[len(numbers) // 2]


def measured(program, args, runs, counts):
    """One row's figures: least and median CPU, least wall, peak memory, instructions."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", *args, "--out", f"{folder}/run", "--overwrite", "--quiet"]
        took = [run(command) for _ in range(runs)]
        cpu_s, wall_s, peak = zip(*took)
        cells = [f"{min(cpu_s):.2f} ({middle(cpu_s):.2f})", f"{min(wall_s):.2f}", f"{max(peak) / 1e6:.0f}"]
        if counts:
            counted = instructions(command)
            cells.append("-" if counted is None else f"{counted / 1e9:.1f}")
        return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--before", metavar="PROGRAM")
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD")
    asked = parser.parse_args()
    programs = [p for p in (asked.before, asked.program) if p]
    columns = ["CPU, s: least (median)", "wall, s", "peak, MB"] + (["instructions, 10⁹"] if asked.counts else [])
    heads = [f"{when}: {column}" if len(programs) > 1 else column for when in ("before", "now")[-len(programs) :] for column in columns]
    print("| " + " | ".join(["work", *heads]) + " |")
    print("|---|" + "--:|" * len(heads), flush=True)
    for name, args in WORKLOADS:
        if asked.workloads and not any(part in name for part in asked.workloads):
            continue
        cells = [cell for program in programs for cell in measured(program, args, asked.runs, asked.counts)]
        print("| " + " | ".join([name, *cells]) + " |", flush=True)


main()
