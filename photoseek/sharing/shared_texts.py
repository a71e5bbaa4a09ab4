"""Embeddings of texts that another gateway has made already."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np

from photoseek.records import ModelIdentity, Vector
from photoseek.sharing.shared_state import SharedState

T = TypeVar("T")

KEEP_SECONDS = 24 * 3600
"""How long the embedding of a text is kept; it never changes."""

PATIENCE = 1.0
"""Seconds until a thread gives up an event loop that has ended."""

_FLOATS = np.dtype("<f4")
_LONGEST = 1e-3
"""By which the length of a unit vector may differ from 1."""


class SharedTexts:
    """Remembers embeddings by model and text, for threads beside the event loop of the state."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> None:
        """Use the event loop that runs now; before, nothing is remembered."""
        self._loop = asyncio.get_running_loop()

    def get(self, model: ModelIdentity, text: str) -> Vector | None:
        """The unit vector of a text, shape (dimensions,), where it is known."""
        data = self._wait(self._state.get(_key(model, text)))
        if data is None or len(data) != model.dimensions * _FLOATS.itemsize:
            return None
        vector: Vector = np.frombuffer(data, _FLOATS).astype(np.float32)
        length = float(np.linalg.norm(vector))
        return vector if abs(length - 1) < _LONGEST else None

    def put(self, model: ModelIdentity, text: str, vector: Vector) -> None:
        """Remember it."""
        data = vector.astype(_FLOATS).tobytes()
        self._wait(self._state.put(_key(model, text), data, KEEP_SECONDS))

    def _wait(self, ask: Coroutine[Any, Any, T]) -> T | None:
        if self._loop is None or self._loop.is_closed():
            ask.close()
            return None
        answer = asyncio.run_coroutine_threadsafe(ask, self._loop)
        try:
            return answer.result(PATIENCE)
        except (TimeoutError, CancelledError):
            answer.cancel()
            return None


def _key(model: ModelIdentity, text: str) -> str:
    """JSON writes no two models and texts alike."""
    asked = json.dumps([model.name, model.fingerprint, model.dimensions, text])
    return f"text:{blake2b(asked.encode(), digest_size=20).hexdigest()}"
