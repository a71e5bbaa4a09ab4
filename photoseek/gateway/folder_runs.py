"""The indexing run that a person began on the page: one at a time, whoever looks at it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from photoseek.gateway.problems import Problem
from photoseek.gateway.service import Service
from photoseek.gateway.service_index import ServiceIndex
from photoseek.indexing.folder_run import FolderRun, RunView
from photoseek.settings import RunSettings

CLOSE_SECONDS = 5.0
"""How long the end waits for the batches that are under way."""


class FolderRuns:
    """Begins a run, shows it and stops it. It goes on when no page is open. For one event loop."""

    def __init__(self, service: Service, settings: RunSettings) -> None:
        self._service = service
        self._settings = settings
        self._run: FolderRun | None = None

    def view(self) -> RunView | None:
        """The run that is under way or the one that ended last; None after it was put away."""
        return self._run.view() if self._run else None

    def begin(self, folder: str) -> RunView:
        """Begin a run over a folder, by its resolved path.

        Raises:
            Problem: another run is under way.
        """
        if self._run and not self._run.is_over:
            raise Problem(
                409,
                f"The folder {self._run.folder} is being indexed. Wait until that is done, or "
                "stop it; what is indexed stays.",
            )
        index = ServiceIndex(self._service, asyncio.get_running_loop())
        self._run = FolderRun(folder, index, self._settings)
        return self._run.view()

    def stop(self) -> RunView:
        """Have the run end soon. What is indexed stays.

        Raises:
            Problem: there is none.
        """
        if not self._run:
            raise Problem(404, "No folder is being indexed.")
        self._run.stop()
        return self._run.view()

    def forget(self) -> None:
        """Put away what is told of a run that has ended.

        Raises:
            Problem: it goes on.
        """
        if self._run and not self._run.is_over:
            raise Problem(409, "The run goes on. Stop it first.")
        self._run = None

    async def close(self) -> None:
        """Stop the run, and wait a little for what is under way."""
        if self._run and not self._run.is_over:
            self._run.stop()
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await asyncio.shield(asyncio.wrap_future(self._run.ended))
