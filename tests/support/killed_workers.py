"""Kills workers of a queue again and again, and looks at what is left of the index.

`python -m tests.support.killed_workers --times 20` does it twenty times; a test does it a few
times. The queue is at AWS_ENDPOINT_URL_SQS, or at the S3 server of the tests.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from photoseek.engine import PhotoSearch
from photoseek.files.filestore import open_files
from photoseek.settings import load_settings
from tests.support.pictures import drawing, saved
from tests.support.s3 import ENVIRONMENT, make_bucket, running_s3
from tests.support.sqs import Queues, make_queues
from tests.support.terminal import command, kill_family
from tests.support.waiting import wait_until
from tests.support.zygote import Forked

HOLD = "3"


def kill_workers(
    bucket: str,
    queues: Queues,
    folder: Path,
    *,
    photos: int,
    times: int,
    seed: int,
    workers: int = 2,
    say: Callable[[str], None] = print,
) -> None:
    """Kill `times` workers while photos are written, replaced and removed; check what is indexed.

    Raises AssertionError when a photo is lost, doubled, not the one that is in the bucket, or still
    there when it is gone.
    """
    moments = random.Random(seed)
    place = open_files(f"{bucket}/photos")
    index = str(folder / "index")
    options = ["--queue", f"sqs://{queues.name}", "--source", place.uri, "--index", index]
    options += ["--model", "demo", "--hold", HOLD, "--sweep", "0", "--batch-size", "4"]

    def begin() -> Forked:
        quiet = subprocess.DEVNULL
        return Forked(command("work", *options), stdout=quiet, stderr=quiet)

    names = [f"{number:03}.jpg" for number in range(photos)]
    for width, name in enumerate(names, start=64):
        place.write(name, saved(drawing(width), "JPEG"))
    prefix = place.uri.split("/", 3)[3]

    def send(some: list[str], event: str = "ObjectCreated:Put") -> None:
        keys = [f"{prefix}/{name}" for name in some]
        queues.send(*keys, bucket=urlsplit(bucket).netloc, event=event)

    send(names)
    running = [begin() for _ in range(workers)]
    gone = set(names[::5])
    changed = {name: 200 + number for number, name in enumerate(names[1::5])}
    try:
        for turn in range(times):
            before = queues.left()
            wait_until(lambda n=before: queues.left() < n or not n, "work", every=0.2)  # type: ignore[misc]
            victim = running.pop(moments.randrange(workers))
            kill_family(victim.pid)
            victim.wait()
            say(f"kill {turn + 1}: {queues.left()} messages are left")
            running.append(begin())
            if turn == times // 2:
                place.remove(gone)
                for name, width in changed.items():
                    place.write(name, saved(drawing(width), "JPEG"))
                send([*gone], "ObjectRemoved:Delete")
                send([*changed])
            elif turn > times // 2 or not queues.left():
                send(names[turn % photos :: 7])  # the same once more
        wait_until(lambda: not queues.left(), "all messages to be done with", 300, every=0.5)
    finally:
        for worker in running:
            kill_family(worker.pid)
            worker.wait()
    with PhotoSearch(load_settings(index=index)) as library:
        found = library.browse(top_k=photos + 1)
    widths = {hit.stored.photo.uri.rpartition("/")[2]: hit.stored.width for hit in found.hits}
    wanted = {name: changed.get(name, 64 + number) for number, name in enumerate(names)}
    wanted = {name: width for name, width in wanted.items() if name not in gone}
    assert found.total == len(widths) == len(wanted), (found.total, len(widths), len(wanted))
    assert widths == wanted, {name for name in wanted if widths.get(name) != wanted[name]}
    assert queues.dead_letters() == []


def main() -> int:
    """Kill workers at random moments."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.killed_workers", description=main.__doc__
    )
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_s3() as url:
        os.environ.update({**ENVIRONMENT, "AWS_ENDPOINT_URL": url})
        make_bucket(url, "photos")
        queues = make_queues(os.environ.get("AWS_ENDPOINT_URL_SQS", url))
        kill_workers(
            "s3://photos",
            queues,
            Path(folder),
            photos=options.photos,
            times=options.times,
            seed=options.seed,
            workers=options.workers,
        )
    print(f"{options.times} kills, and every photo is as it is in the bucket")
    return 0


if __name__ == "__main__":
    sys.exit(main())
