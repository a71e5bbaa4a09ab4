"""Gateways that serve an index while it is made again with another model."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from photoseek import PhotoSearch
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.support.in_process import running
from tests.support.killed_reindex import picture
from tests.support.other_models import DEMO, other_model
from tests.support.terminal import photoseek
from tests.support.waiting import PATIENCE, wait_until

PHOTOS = 24
TEXT = "a red car"

NEAR = 0.002
"""How near scores of one model are to each other, whatever number format it has."""


class Asking:
    """Searches at a gateway in a thread, all the time; none may fail or find fewer photos."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.answers = 0
        self.wrong: list[str] = []
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=self._url, timeout=PATIENCE) as client:
            while not self._stop.wait(0.02):
                answer = client.get("/api/search", params={"q": TEXT, "limit": 5})
                if answer.status_code != 200 or len(answer.json()["hits"]) != 5:
                    self.wrong.append(answer.text[:300])
                self.answers += 1


def upload(client: httpx.Client, number: int) -> str:
    """Hand a photo in; gives its id."""
    file = ("photo.jpg", picture(number, side=64), "image/jpeg")
    answer = client.post("/api/photos", files={"file": file})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def scores(client: httpx.Client) -> list[float]:
    answer = client.get("/api/search", params={"q": TEXT, "limit": 5})
    assert answer.status_code == 200, answer.text
    return [round(hit["score"], 4) for hit in answer.json()["hits"]]


def scores_here(location: str) -> list[float]:
    with PhotoSearch.open(location) as search:
        return [round(hit.score, 4) for hit in search.search(TEXT, top_k=5).hits]


def follow_there_and_back(kinds: Sequence[str], folder: Path) -> None:
    """Have gateways of these kinds serve one index while it is switched to another model, and back.

    All are asked all the time, and photos are handed in and deleted in between.
    """
    model = other_model(folder / "model")
    (folder / "photos").mkdir()
    for number in range(PHOTOS):
        (folder / "photos" / f"{number}.jpg").write_bytes(picture(number, side=64))
    location = str(folder / "index")
    settings = load_settings(index=location, uploads=str(folder / "uploads"), model=DEMO)
    with PhotoSearch(settings) as search:
        assert search.index(folder / "photos").indexed == PHOTOS
    with ExitStack() as stack:
        places = [stack.enter_context(running(kind, settings)) for kind in kinds]
        clients = [
            stack.enter_context(httpx.Client(base_url=each.url, timeout=PATIENCE))
            for each in places
        ]
        asking = [Asking(each.url) for each in places]
        try:
            _switch(location, ["--model", model], model, clients, PHOTOS)
            _switch(location, ["--back"], DEMO, clients, PHOTOS + 2 * len(clients))
        finally:
            for each in asking:
                each.end()
        dropped = photoseek("reindex", "--index", location, "--drop-old")
        assert dropped.returncode == 0, dropped.stderr
        expected = pytest.approx(scores_here(location), abs=NEAR)
        assert all(scores(client) == expected for client in clients)
    assert [each.wrong for each in asking] == [[] for _ in asking]
    assert all(each.answers > 5 for each in asking)


def _switch(
    location: str, how: list[str], model: str, clients: Sequence[httpx.Client], number: int
) -> None:
    asked_before = scores(clients[0])
    before = [upload(client, number + each) for each, client in enumerate(clients)]
    gone = before.pop()
    assert clients[0].delete(f"/api/photos/{gone}").is_success
    run = photoseek("reindex", "--index", location, *how)
    assert run.returncode == 0, run.stderr
    # At once: whoever takes them has the model of before still.
    after = [upload(client, number + len(clients) + each) for each, client in enumerate(clients)]
    store: Any = open_store(location)
    assert store.model.name == model
    assert set(store.known([gone, *before, *after])) == {*before, *after}
    expected = pytest.approx(scores_here(location), abs=NEAR)
    assert asked_before != expected

    def follow() -> bool:
        return all(scores(client) == expected for client in clients)

    wait_until(follow, f"{model} answers", every=0.2)
