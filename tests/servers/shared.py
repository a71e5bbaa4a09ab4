"""The engines' servers that all tests of a process share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from tests.servers.milvus import KINDS, running_milvus
from tests.servers.search_engines import ENGINES, running_search_engine

SERVED = (*ENGINES, *KINDS)


class SharedServers:
    """Starts a server when a test first asks for it, and ends it when it is told.

    Milvus takes 3 % of a processor also where nobody asks it.
    """

    def __init__(self, new_folder: Callable[[str], Path]) -> None:
        """`new_folder` gives a folder of that name for what a server keeps."""
        self._new_folder = new_folder
        self._running: dict[str, tuple[str, ExitStack]] = {}

    def address(self, engine: str) -> str:
        """The URL, or HOST:PORT, of the server of an engine; without any, the test is left out."""
        if engine not in self._running:
            with ExitStack() as stack:
                address = stack.enter_context(self._begun(engine))
                self._running[engine] = address, stack.pop_all()
        return self._running[engine][0]

    def stop(self, engine: str) -> None:
        """End the server of an engine, if it runs."""
        if engine in self._running:
            self._running.pop(engine)[1].close()

    def stop_all(self) -> None:
        """End all of them."""
        for engine in SERVED:
            self.stop(engine)

    def _begun(self, engine: str) -> AbstractContextManager[str]:
        if engine in ENGINES:
            return running_search_engine(engine)
        return running_milvus(engine, self._new_folder(engine))
