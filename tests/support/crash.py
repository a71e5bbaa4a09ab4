"""Kills an indexing run again and again, and looks at what is left of the index.

`python -m tests.support.crash --times 20` does it twenty times; a test does it a few times.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from photoseek.demo.library import write_library
from photoseek.engine import PhotoSearch
from photoseek.sources import open_source
from tests.support.terminal import command, kill_family, photoseek
from tests.support.zygote import Forked


def kill_and_recover(
    folder: Path, *, photos: int, times: int, seed: int, say: Callable[[str], None] = print
) -> None:
    """Kill `times` runs at random moments, then let one finish, and check every photo.

    Raises AssertionError when a photo is lost or doubled, or when the index does not open.
    """
    moments = random.Random(seed)
    write_library(folder / "photos", count=photos, workers=1)
    manifest = folder / "photos" / "photos.csv"
    index = folder / "index"
    options: list[str | Path] = [
        "--source",
        manifest,
        "--index",
        index,
        "--model",
        "demo",
        "--batch-size",
        "8",
    ]
    before = 0
    for turn in range(times):
        run = Forked(
            command("-t", "index", *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _wait_for_work(run, index, before)
        time.sleep(moments.uniform(0, 1.5))
        kill_family(run.pid)
        run.wait()
        status = PhotoSearch.open(str(index)).status()
        count = status.photos if status else 0
        assert count >= before, f"{before} photos were stored, {count} are left"
        say(f"kill {turn + 1}: {count} of {photos} photos stored")
        before = count if count < photos else _start_over(index)
    result = photoseek("-t", "index", *options)
    assert result.returncode == 0, result.stderr
    ids = [photo.id for photo in open_source(str(manifest)) if hasattr(photo, "id")]
    library = PhotoSearch.open(str(index))
    status = library.status()
    assert status is not None
    assert status.photos == len(ids) == photos, f"{status.photos} of {photos} photos are stored"
    assert set(library.known(ids)) == set(ids)


def _wait_for_work(run: Forked, index: Path, before: int) -> None:
    """Until the run has stored something new, or has ended."""
    while run.poll() is None:
        status = PhotoSearch.open(str(index)).status()
        if status is not None and status.photos > before:
            return
        time.sleep(0.2)  # to look takes as long as to store a few photos


def _start_over(index: Path) -> int:
    """A run that finished before it was killed leaves nothing to kill: forget every photo."""
    library = PhotoSearch.open(str(index))
    manifest = index.parent / "photos" / "photos.csv"
    ids = [photo.id for photo in open_source(str(manifest)) if hasattr(photo, "id")]
    library.delete(ids, vanished=True)
    return 0


def main() -> int:
    """Kill an indexing run of the demo library at random moments."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.crash", description=main.__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--photos", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kill_and_recover(
            Path(folder), photos=options.photos, times=options.times, seed=options.seed
        )
    print("No photo lost, none doubled, and the index always opened.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
