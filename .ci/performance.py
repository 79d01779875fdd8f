"""Prints the tables of docs/performance.md: CPU seconds and peak memory of the program, each workload run several times, and its stages.

    python3 .ci/performance.py [--runs 5] [--counts] [--before PROGRAM] [--write docs/performance.md] PROGRAM [WORKLOAD ...]

CPU seconds are user + system of the whole process, as the system counts them on its exit; memory is its largest resident set. With --before
the program of before stands beside. --counts adds user instructions: by `perf stat` where it may count, else by callgrind (slow).
WORKLOADs are parts of names; all without any. --write puts the tables between the document's marks. Needs Linux and Python 3.10.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parent.parent / "benches" / "scenarios"
OFFICE = ["office", "--set", "run.days=14"]
STAGES = ["plan", "inside", "layout", "pairs", "system", "tables", "checkpoint", "finish"]


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
    """A row's figures: least and median CPU, least wall, peak memory, instructions; and what the last run left as its timing."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", *args, "--out", f"{folder}/run", "--overwrite", "--quiet"]
        took = [run(command) for _ in range(runs)]
        timing = json.loads(Path(f"{folder}/run/timing.json").read_text())
        cpu_s, wall_s, peak = zip(*took)
        cells = [f"{min(cpu_s):.2f} ({middle(cpu_s):.2f})", f"{min(wall_s):.2f}", f"{max(peak) / 1e6:.0f}"]
        if counts:
            counted = instructions(command)
            cells.append("-" if counted is None else f"{counted / 1e9:.1f}")
        return cells, timing


def stages(timing):
    """Share of each stage in a run's wall seconds, and the largest structures."""
    wall_s = timing["wall_s_by_stage"]
    held = sorted(timing["bytes_by_structure"].items(), key=lambda of: -of[1])[:3]
    shares = [f"{100 * wall_s[stage] / timing['total_s']:.0f}" for stage in STAGES]
    return [*shares, ", ".join(f"{name} {size / 1e6:.1f}" for name, size in held)]


def table(heads, rows):
    lines = [["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [heads, *lines])


def write(document, tables):
    """Puts each table between its marks."""
    text = document.read_text(encoding="utf-8")
    for mark, rows in tables.items():
        begin, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            sys.exit(f"performance: {document}: no mark {begin.strip()}")
        text = f"{before}{begin}{rows}\n{end}{after}"
    document.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--before", metavar="PROGRAM")
    parser.add_argument("--write", metavar="DOCUMENT", type=Path)
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD")
    asked = parser.parse_args()
    programs = [p for p in (asked.before, asked.program) if p]
    columns = ["CPU, s: least (median)", "wall, s", "peak, MB"] + (["instructions, 10⁹"] if asked.counts else [])
    heads = [f"{when}: {column}" if len(programs) > 1 else column for when in ("before", "now")[-len(programs) :] for column in columns]
    figures, shares = [], []
    for name, args in WORKLOADS:
        if asked.workloads and not any(part in name for part in asked.workloads):
            continue
        print(name, file=sys.stderr, flush=True)
        found = [measured(program, args, asked.runs, asked.counts) for program in programs]
        figures.append([name, *(cell for cells, _ in found for cell in cells)])
        shares.append([name, *stages(found[-1][1])])
    tables = {
        "figures": table(["work", *heads], figures),
        "stages": table(["share of wall seconds, %", *STAGES, "most bytes, MB"], shares),
    }
    print("\n\n".join(tables.values()))
    if asked.write:
        write(asked.write, tables)


main()
