"""Kills the Redis that two gateways share again and again, while they are asked all the time.

`python -m tests.support.killed_redis --times 20` does it twenty times; a test does it a few times.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from photoseek.demo.library import jpeg_of, library_scenes
from photoseek.engine import PhotoSearch
from photoseek.records import Photo
from photoseek.settings import Settings, load_settings
from tests.servers.redis import OwnRedis, own_redis
from tests.support.in_process import RunningService, running_service
from tests.support.waiting import PATIENCE, wait_until

PER_MINUTE = 12
WORDS = ("sea", "the moon over a city", "boats at night", "city", "lake", "a red car")
PHOTOS = 12
APART = 0.002
"""How far the scores of two photos differ at least: more than two ways to compute one vector."""

LONGEST = 0.8
"""Seconds at most until Redis is killed, and until it is started again."""

PAUSE = 0.05
"""Seconds between two searches of a thread, which leave the processors some time."""


@dataclass
class Library:
    """An index whose photos stay, and of which one has a caption that is changed."""

    search: PhotoSearch
    photos: list[Photo]
    begun: int = 0
    written: int = 0
    """The numbers that were begun to be written into the caption, and that were."""

    right: dict[str, list[str]] = field(default_factory=dict)
    """For each text, the ids that it finds, in order."""

    @classmethod
    def made(cls, search: PhotoSearch, folder: Path) -> Library:
        photos = []
        for number, scene in enumerate(library_scenes(PHOTOS)):
            path = folder / f"{number:02}.jpg"
            path.write_bytes(jpeg_of(scene, longest=240))
            photos.append(Photo(path.name, str(path), "1", caption="0"))
        outcomes = search.index_batch(photos, [""] * PHOTOS)
        assert {each.outcome for each in outcomes} == {"indexed"}, outcomes
        right = {word: _ids(search, word) for word in WORDS}
        return cls(search, photos, right=right)

    def change(self) -> None:
        """Write the next number."""
        self.begun += 1
        changed = replace(self.photos[0], caption=str(self.begun), version=str(self.begun))
        hashes = self.search.known([changed.id])[changed.id].content_hash
        [outcome] = self.search.index_batch([changed], [hashes])
        assert outcome.outcome == "updated", outcome
        self.written = self.begun

    def check(self, word: str, hits: list[dict[str, Any]], at_least: int) -> None:
        """Raise where an answer is wrong, or older than what was written before it was asked."""
        assert [hit["id"] for hit in hits] == self.right[word], word
        [caption] = [hit["caption"] for hit in hits if hit["id"] == self.photos[0].id]
        assert at_least <= int(caption) <= self.begun, (word, caption, at_least, self.begun)


def kill_redis(
    folder: Path, *, times: int, seed: int, say: Callable[[str], None] = print
) -> list[float]:
    """Kill Redis `times` times; gives the seconds that each search took.

    Raises AssertionError when a request fails, an answer is wrong or older than the index, a
    gateway does not come back to Redis, or a client is allowed more than a minute's worth by both
    gateways, or around a kill by each of them.
    """
    moments = random.Random(seed)
    settings = load_settings(index=str(folder / "index"), model="demo", uploads="off")
    with own_redis() as redis, ExitStack() as stack:
        search = stack.enter_context(PhotoSearch(settings))
        library = Library.made(search, folder)
        gateways = [stack.enter_context(running_service(_shared(settings, redis))) for _ in "ab"]
        is_over = threading.Event()
        pool = stack.enter_context(ThreadPoolExecutor())
        asking = [pool.submit(_ask, gateways, library, is_over, name) for name in (1, 2)]
        try:
            strict = 0
            for turn in range(times):
                strict += _share_one_limit(gateways, f"10.1.0.{turn}")
                time.sleep(moments.uniform(0, LONGEST))
                client = Client(gateways, f"10.2.0.{turn}")
                client.use_up(most=PER_MINUTE // 2)
                redis.kill()
                library.change()
                client.use_up()
                time.sleep(moments.uniform(0, LONGEST))
                redis.start()
                wait_until(lambda: all(map(_is_up, gateways)), "Redis to be used again")
                client.use_up()
                assert client.allowed <= client.due(of_gateways=2), client.allowed
                say(f"kill {turn + 1}: around it one client was allowed {client.allowed} searches")
        finally:
            is_over.set()
        seconds = [each for search_times in asking for each in search_times.result()]
        kept = sum(_metric(each, 'photoseek_kept_lookups_total{outcome="hit"') for each in gateways)
        failures = sum(_metric(each, "photoseek_redis_failures_total") for each in gateways)
    say(f"{len(seconds)} searches answered, {kept:.0f} answers and counts were kept ones")
    say(f"Redis failed {failures:.0f} times; {strict} of {times} times nothing but one limit held")
    assert kept
    return seconds


class Client:
    """One client, of whom both gateways are asked in turn."""

    def __init__(self, gateways: Sequence[RunningService], address: str) -> None:
        self._gateways = itertools.cycle(gateways)
        self._headers = {"X-Forwarded-For": address}
        self._started = time.monotonic()
        self.allowed = 0

    def use_up(self, most: int = 1_000) -> None:
        """Ask until both refuse, or that often."""
        refused = 0
        with httpx.Client(headers=self._headers, trust_env=False, timeout=PATIENCE) as http:
            while refused < 2 and most:
                url = f"{next(self._gateways).url}/api/facets"
                status = http.get(url).status_code
                assert status in (200, 429), status
                refused = refused + 1 if status == 429 else 0
                self.allowed += status == 200
                most -= 1

    def due(self, of_gateways: int) -> float:
        """What it may have been allowed by now, by one gateway or by several that share nothing."""
        seconds = time.monotonic() - self._started
        return of_gateways * (PER_MINUTE + seconds * PER_MINUTE / 60 + 1)


def _share_one_limit(gateways: Sequence[RunningService], address: str) -> bool:
    """Whether both gateways counted a client together, which they must while Redis answers."""
    wait_until(lambda: all(map(_is_up, gateways)), "Redis to be used")
    failures = [_metric(each, "photoseek_redis_failures_total") for each in gateways]
    client = Client(gateways, address)
    client.use_up()
    assert PER_MINUTE <= client.allowed <= client.due(of_gateways=2), client.allowed
    failed = failures != [_metric(each, "photoseek_redis_failures_total") for each in gateways]
    if failed or not all(map(_is_up, gateways)):
        return False  # this machine was too busy for Redis to answer in time
    assert client.allowed <= client.due(of_gateways=1), client.allowed
    return True


def _ask(
    gateways: Sequence[RunningService], library: Library, is_over: threading.Event, name: int
) -> list[float]:
    """Search all the time; gives how long each took."""
    seconds: list[float] = []
    with httpx.Client(trust_env=False, timeout=PATIENCE) as http:
        for turn in itertools.count():
            if is_over.is_set():
                return seconds
            word, gateway = WORDS[turn % len(WORDS)], gateways[turn % len(gateways)]
            address = f"10.{100 + name}.{turn // 250 % 250}.{turn % 250}"
            at_least, start = library.written, time.perf_counter()
            answer = http.get(
                f"{gateway.url}/api/search",
                params={"q": word, "limit": PHOTOS},
                headers={"X-Forwarded-For": address},
            )
            seconds.append(time.perf_counter() - start)
            assert answer.status_code == 200, answer.text
            library.check(word, answer.json()["hits"], at_least)
            time.sleep(PAUSE)
    return seconds


def _shared(settings: Settings, redis: OwnRedis) -> Settings:
    given = load_settings(
        redis=redis.url,
        rate_limit=PER_MINUTE,
        trusted_proxies=("127.0.0.1",),
        api_key_for="none",
    )
    names = ("redis", "rate_limit", "trusted_proxies", "api_key_for")
    return settings.model_copy(update={name: getattr(given, name) for name in names})


def _ids(search: PhotoSearch, word: str) -> list[str]:
    hits = search.search(word, top_k=PHOTOS).hits
    assert all(one.score > other.score + APART for one, other in pairwise(hits)), word
    return [hit.stored.photo.id for hit in hits]


def _is_up(gateway: RunningService) -> bool:
    return _metric(gateway, "photoseek_redis_up") == 1


def _metric(gateway: RunningService, name: str) -> float:
    text = httpx.get(f"{gateway.url}/metrics", trust_env=False, timeout=PATIENCE).text
    lines = [line for line in text.splitlines() if line.startswith(name)]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def main() -> int:
    """Kill Redis at random moments."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.killed_redis", description=main.__doc__
    )
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = kill_redis(Path(folder), times=options.times, seed=options.seed)
    cuts = statistics.quantiles(seconds, n=100)
    print(
        f"{options.times} kills; seconds of a search: median {cuts[49]:.3f}, "
        f"99 of 100 within {cuts[98]:.3f}, the longest {max(seconds):.3f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
