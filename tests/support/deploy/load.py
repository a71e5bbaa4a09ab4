"""Searches that go on while parts are stopped, killed and started again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.waiting import wait_until

CLIENTS = 3
PAUSE = 0.3
RESTART_SECONDS = 400
PATIENCE = 60
"""Seconds after which a request counts as hanging."""


@dataclass
class Load:
    """What became of requests that are sent one after the other."""

    url: str
    key: str
    stopped: threading.Event = field(default_factory=threading.Event)
    outcomes: list[str] = field(default_factory=list)

    def ask(self) -> None:
        number = 0
        while not self.stopped.is_set():
            number += 1
            self.outcomes.append(self._outcome(f"{self.url}/api/search?q=boat+{number}&limit=3"))
            if self.outcomes[-1] != "answered":
                self.stopped.wait(PAUSE)  # what starts again needs the processors

    def _outcome(self, url: str) -> str:
        try:
            answer = httpx.get(url, headers={"X-API-Key": self.key}, timeout=PATIENCE)
        except httpx.TimeoutException:
            return "hung"
        except httpx.ConnectError:
            return "refused"
        except httpx.HTTPError as error:
            return f"broken off: {error!r}"
        if answer.status_code == 200:
            assert len(answer.json()["hits"]) == 3
            return "answered"
        problem = answer.headers["content-type"] == "application/problem+json"
        return f"problem {answer.json()['status']}" if problem else f"status {answer.status_code}"

    def goes_on(self, times: int = 2 * CLIENTS) -> None:
        """Wait until so many requests have been answered from now on."""
        before = self.outcomes.count("answered")
        wait_until(
            lambda: self.outcomes.count("answered") >= before + times,
            f"{times} answers; so far {Counter(self.outcomes)}",
            RESTART_SECONDS,
            every=0.1,
        )


@contextmanager
def load_on(url: str, key: str) -> Iterator[Load]:
    load = Load(url, key)
    with ThreadPoolExecutor(CLIENTS) as pool:
        threads = [pool.submit(load.ask) for _ in range(CLIENTS)]
        try:
            load.goes_on()
            yield load
        finally:
            load.stopped.set()
        for thread in threads:
            thread.result()
