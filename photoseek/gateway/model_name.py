"""The model that searches, for hints about what it cannot read."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from photoseek.records import Status

KEEP_SECONDS = 60.0


class ModelName:
    """Its name, which is asked for once a minute: in a Flow that is two questions, and a hint may
    be a minute late where an index has been made again with another model.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[Status]], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._now = now
        self._name = ""
        self._until = 0.0

    async def get(self) -> str:
        """The name.

        Raises:
            PhotoseekError: as `Service.status` does.
        """
        if not self._name or self._now() >= self._until:
            self._name = (await self._ask()).model
            self._until = self._now() + KEEP_SECONDS
        return self._name
