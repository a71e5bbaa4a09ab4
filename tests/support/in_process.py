"""The whole gateway within the tests' own process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from photoseek.gateway.server import Server
from photoseek.helpers.ports import free_ports
from photoseek.settings import Settings
from tests.support.forked_flow import ForkedFlow


class Running(Protocol):
    """A gateway that answers, wherever the product behind it is."""

    @property
    def url(self) -> str: ...

    @property
    def settings(self) -> Settings: ...


@dataclass(frozen=True)
class RunningService:
    """Where it answers, and by which settings."""

    url: str
    settings: Settings


@contextmanager
def running(kind: str, settings: Settings) -> Iterator[Running]:
    """A service of either kind, "in-process" or "flow", on free ports of loopback."""
    if kind == "flow":
        with ForkedFlow(settings, private=True) as flow:
            yield flow
    else:
        with running_service(settings) as service:
            yield service


@contextmanager
def running_service(settings: Settings) -> Iterator[RunningService]:
    """A service that answers on a free port of loopback, from a thread.

    Its errors are raised, also those of its end.
    """
    [port] = free_ports(1)
    settings = settings.model_copy(update={"host": "127.0.0.1", "http_port": port})
    server = Server(settings)
    ended = threading.Event()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            server.run(lambda _: ended.set())
        except BaseException as error:
            errors.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=run, name="service")
    thread.start()
    try:
        ended.wait()
        if errors:
            raise errors.pop()
        yield RunningService(server.url, settings)
    finally:
        server.stop()
        thread.join()
    if errors:
        raise errors.pop()
