"""A web server whose answer waits for the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.web_server import Handler, running_server


@dataclass(frozen=True)
class HeldBackPhoto:
    """One picture at `url`, served once `allowed` is set. `asked` says that it was asked for."""

    url: str
    asked: threading.Event = field(default_factory=threading.Event)
    allowed: threading.Event = field(default_factory=threading.Event)


@contextmanager
def held_back_photo(picture: bytes) -> Iterator[HeldBackPhoto]:
    asked, allowed = threading.Event(), threading.Event()

    def answer(handler: Handler) -> None:
        asked.set()
        handler.close_connection = True
        if allowed.wait(600):
            handler.answer(200, picture)

    with running_server({"/held-back.jpg": answer}) as server:
        try:
            yield HeldBackPhoto(f"{server.url}/held-back.jpg", asked, allowed)
        finally:
            allowed.set()
