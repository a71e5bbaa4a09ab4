"""Embeddings of texts that somebody has made already."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np

from photoseek.identity import text_key
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


class TextVectors:
    """Remembers embeddings by model and text, in the event loop of a state."""

    def __init__(self, state: SharedState) -> None:
        self._state = state

    async def get(self, model: ModelIdentity, text: str) -> Vector | None:
        """The unit vector of a text, shape (dimensions,), where it is known."""
        data = await self._state.get(_key(model, text))
        return None if data is None else vector_of(data, model)

    async def put(self, model: ModelIdentity, text: str, vector: Vector) -> None:
        """Remember it."""
        await self._state.put(_key(model, text), bytes_of(vector), KEEP_SECONDS)


class SharedTexts:
    """The same for threads beside that event loop."""

    def __init__(self, state: SharedState) -> None:
        self._vectors = TextVectors(state)
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> None:
        """Use the event loop that runs now; before, nothing is remembered."""
        self._loop = asyncio.get_running_loop()

    def get(self, model: ModelIdentity, text: str) -> Vector | None:
        """The unit vector of a text, shape (dimensions,), where it is known."""
        return self._wait(self._vectors.get(model, text))

    def put(self, model: ModelIdentity, text: str, vector: Vector) -> None:
        """Remember it."""
        self._wait(self._vectors.put(model, text, vector))

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


def bytes_of(vector: Vector) -> bytes:
    """A vector as it is kept and told."""
    return vector.astype(_FLOATS).tobytes()


def vector_of(data: bytes, model: ModelIdentity) -> Vector | None:
    """The unit vector that these bytes are; None where they are none of this model."""
    if len(data) != model.dimensions * _FLOATS.itemsize:
        return None
    vector: Vector = np.frombuffer(data, _FLOATS).astype(np.float32)
    length = float(np.linalg.norm(vector))
    return vector if abs(length - 1) < _LONGEST else None


def _key(model: ModelIdentity, text: str) -> str:
    """JSON writes no two models and texts alike."""
    asked = json.dumps([*text_key(model), text])
    return f"text:{blake2b(asked.encode(), digest_size=20).hexdigest()}"
