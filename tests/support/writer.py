"""A process that writes to an index and may be killed at any moment.

    python -m tests.support.writer LOCATION SEED BATCHES

It says "ready", waits for a line, makes or opens the index, and upserts the batches in an
order of its own, saying "begin N" and "end N" around each and doing upkeep in between.
"""

from __future__ import annotations

import random
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from photoseek.compat.imports import leave_out_more
from photoseek.records import EncodedPhoto
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from tests.support.lance import lance_store
from tests.support.stored_photos import encoded

BATCH = 50

EAGER = UpkeepLimits(index_from_rows=300, fragments=3, unindexed_rows=100)
"""So that a small table sees all that befalls a large one."""


def batch(number: int) -> list[EncodedPhoto]:
    first = number * BATCH
    # Photos of equal bytes share a thumbnail; many of them take their time in a bucket.
    return [encoded(n, content=first + n % 9) for n in range(first, first + BATCH)]


def ids_of(number: int) -> set[str]:
    return {photo.photo.id for photo in batch(number)}


def start(location: Path | str, seed: int, batches: int) -> subprocess.Popen[str]:
    """A writer on its way to "ready"."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.writer", str(location), str(seed), str(batches)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(writer: subprocess.Popen[str]) -> None:
    """Wait until it is ready, and let it go."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.write("go\n")
    writer.stdin.flush()


def main(location: str, seed: int, batches: int) -> None:
    leave_out_more()  # as every task of the command line does
    import_module("photoseek.compat.lance")  # takes its time, which is not to be part of the race
    import_module("lancedb.index")
    print("ready", flush=True)
    sys.stdin.readline()
    store = lance_store(location, EAGER)
    order = list(range(batches))
    random.Random(seed).shuffle(order)
    for turn, number in enumerate(order):
        print("begin", number, flush=True)
        store.upsert(batch(number))
        print("end", number, flush=True)
        if turn % 5 == 4:
            store.maintain()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
