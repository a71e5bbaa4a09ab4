"""Many clients, and one part killed every minute: `python -m bench.load --minutes 30`.

Gateway, encoder and indexer run as processes of their own, as compose and Kubernetes run them, with
the demo's model and drawings. The clients ask for all that the page asks for, hand photos in and
delete them, and look whether each answer is right. Printed are requests, errors while all parts
were there (there should be none) and while one was away, times, and how the memory of each part
grew, as far as it lived for two minutes and more: `--every 100000` kills none of them.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from bench.growth import growth
from bench.load_mix import TAG, Right, Visitor, WrongAnswerError
from bench.load_parts import PARTS, Life, Parts
from photoseek.demo.library import jpeg_of, library_scenes
from photoseek.engine import PhotoSearch
from photoseek.helpers.ports import free_ports
from photoseek.records import Photo
from photoseek.settings import Settings, load_settings

PHOTOS = 100
MEASURE_SECONDS = 1.0
SHOWN = 10


@dataclass
class Answer:
    """What became of one request: when it began and ended, and what was wrong."""

    route: str
    begun: float
    ended: float
    error: str = ""
    is_wrong: bool = False


@dataclass
class Log:
    """What all clients have noted."""

    answers: list[Answer] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, answer: Answer) -> None:
        """Note one."""
        with self.lock:
            self.answers.append(answer)


def main() -> int:
    """Measure and print Markdown; 1 where an answer was wrong, or failed with all parts there."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="default: 30")
    parser.add_argument("--clients", type=int, default=64, help="default: 64")
    parser.add_argument("--every", type=float, default=60.0, help="seconds from kill to kill")
    parser.add_argument("--pause", type=float, default=0.5, help="mean seconds of rest of a client")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = _settings(folder)
        _fill(settings, folder / "photos")
        with Parts(settings, folder) as parts:
            with httpx.Client(base_url=parts.url, timeout=60, trust_env=False) as http:
                right = Right.of(http)
            log, is_over = Log(), threading.Event()
            asking = [
                threading.Thread(
                    target=_visit, args=(parts.url, right, n, given.pause, log, is_over)
                )
                for n in range(given.clients)
            ]
            asking.append(threading.Thread(target=_measure, args=(parts, is_over)))
            for thread in asking:
                thread.start()
            try:
                _kill(parts, given.minutes * 60, given.every)
            finally:
                is_over.set()
                for thread in asking:
                    thread.join()
        return _report(log.answers, parts)


def _settings(folder: Path) -> Settings:
    http, grpc, encoder, indexer = free_ports(4)
    return load_settings(
        model="demo",
        precision="fp32",  # in bfloat16 a text among others differs by 0.0005 from the same alone
        index=str(folder / "index"),
        uploads=str(folder / "uploads"),
        state=str(folder / "state"),
        http_port=http,
        grpc_port=grpc,
        encoder=f"127.0.0.1:{encoder}",
        indexer=f"127.0.0.1:{indexer}",
        rate_limit=0,
    )


def _fill(settings: Settings, folder: Path) -> None:
    folder.mkdir()
    photos = []
    for number, scene in enumerate(library_scenes(PHOTOS)):
        path = folder / f"{number:03}.jpg"
        path.write_bytes(jpeg_of(scene, longest=320))
        photos.append(Photo(f"{number:03}", str(path), "1", tags=(TAG,)))
    with PhotoSearch(settings) as search:
        outcomes = search.index_batch(photos, [""] * len(photos))
        assert {each.outcome for each in outcomes} == {"indexed"}, outcomes


def _visit(
    url: str, right: Right, seed: int, pause: float, log: Log, is_over: threading.Event
) -> None:
    visitor = Visitor(url, right, seed)
    rests = np.random.default_rng(seed)
    while not is_over.wait(rests.exponential(pause)):
        route, ask = visitor.choose()
        answer = Answer(route, time.monotonic(), 0.0)
        try:
            ask()
        except WrongAnswerError as error:
            answer.error, answer.is_wrong = str(error), True
        except httpx.HTTPStatusError as error:
            answer.error = f"{error.response.status_code} {error.response.text[:200]}"
        except httpx.HTTPError as error:
            answer.error = f"{type(error).__name__}: {error}"
        answer.ended = time.monotonic()
        log.add(answer)
    visitor.close()


def _measure(parts: Parts, is_over: threading.Event) -> None:
    while not is_over.wait(MEASURE_SECONDS):
        parts.measure()


def _kill(parts: Parts, seconds: float, every: float) -> None:
    end = time.monotonic() + seconds
    for part in itertools.cycle(PARTS):
        rest = min(every, end - time.monotonic())
        if rest > 0:
            time.sleep(rest)
        if end - time.monotonic() < 1:
            return
        took = parts.kill(part)
        print(f"The {part} was killed, and all were ready {took:.1f} s later.", flush=True)


def _report(answers: list[Answer], parts: Parts) -> int:
    bad: list[Answer] = []
    excused: list[Answer] = []
    for answer in answers:
        if answer.error:
            is_excused = not answer.is_wrong and _was_away(answer, parts)
            (excused if is_excused else bad).append(answer)
    by_route = defaultdict(list)
    for answer in answers:
        by_route[answer.route].append(answer)
    failed = Counter(answer.route for answer in bad)
    away = Counter(answer.route for answer in excused)
    print("\n| route | requests | p50, ms | p99, ms | failed | failed while a part was away |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for route, some in sorted(by_route.items()):
        times = [1000 * (each.ended - each.begun) for each in some if not each.error] or [np.nan]
        middle, most = np.percentile(times, 50), np.percentile(times, 99)
        print(
            f"| {route} | {len(some)} | {middle:.0f} | {most:.0f} | {failed[route]} "
            f"| {away[route]} |"
        )
    for answer in bad[:SHOWN]:
        print(f"\n{answer.route}: {answer.error}")
    print("\nMemory that a process has for itself, and in the second half of its life its growth:")
    print("\n| part | process | seconds | MB by eighths | MB a minute | MB per 1,000 requests | |")
    print("| --- | ---: | ---: | --- | ---: | ---: | --- |")
    lines = [line for life in parts.lives if (line := _memory_line(life, answers))]
    print("\n".join(lines) or "\nNo process lived long enough to tell.")
    return 1 if bad else 0


def _was_away(answer: Answer, parts: Parts) -> bool:
    """Whether a part was away at any moment of a request."""
    return any(start <= answer.ended and answer.begun <= end for start, end in parts.absences)


def _memory_line(life: Life, answers: list[Answer]) -> str:
    found = growth(life.sizes)
    if found is None:
        return ""  # it lived too short
    begin, end = life.began + found.begin, life.began + found.end
    requests = sum(begin <= answer.ended <= end for answer in answers)
    each = found.slope * (found.end - found.begin) / 60 / max(1, requests) * 1000
    curve = " ".join(f"{size:.0f}" for size in found.curve)
    return (
        f"| {life.part} | {life.process.pid} | {found.end:.0f} | {curve} | {found.slope:+.2f} "
        f"± {found.spread:.2f} | {each:+.2f} | {found.verdict} |"
    )


if __name__ == "__main__":
    sys.exit(main())
