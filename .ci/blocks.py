"""Runs every fenced `sh` block of README.md and docs/*.md, as it stands there, in the current folder (a fresh clone's root).

A block is ended by the first command that fails. Blocks of a document run in order and find the files of those before them.
`sh long` blocks run with --long only; fences of any other kind are not for running.
"""

import subprocess
import sys
import time
from pathlib import Path


def blocks(document):
    """The `sh` blocks of a document: number of the first line, whether it is long, text."""
    fence, first, lines = None, 0, []
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), start=1):
        if fence is None and line.startswith("```"):
            fence, first, lines = line[3:].strip(), number + 1, []
        elif line == "```":
            if fence in ("sh", "sh long"):
                yield first, fence == "sh long", "\n".join(lines)
            elif fence.startswith("sh"):
                sys.exit(f"blocks: {document}:{first - 1}: no such kind of block: {fence}")
            fence = None
        elif fence is not None:
            lines.append(line)
    if fence is not None:
        sys.exit(f"blocks: {document}:{first - 1}: the block has no end")


def main():
    wants_long = "--long" in sys.argv[1:]
    documents = [Path("README.md"), *sorted(Path("docs").glob("*.md"))]
    ran = 0
    for document in documents:
        for first, is_long, text in blocks(document):
            if is_long and not wants_long:
                continue
            print(f"blocks: {document}:{first}", flush=True)
            began = time.monotonic()
            if subprocess.run(["bash", "-euo", "pipefail", "-c", text], check=False).returncode != 0:
                sys.exit(f"blocks: {document}:{first}: a command failed")
            print(f"blocks: {document}:{first}: {time.monotonic() - began:.0f} s", flush=True)
            ran += 1
    print(f"blocks: {ran} blocks ran")


main()
