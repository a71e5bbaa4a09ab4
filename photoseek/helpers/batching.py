"""Texts of several callers encoded as one batch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoseek.helpers.under_way import UNDER_WAY, UnderWay

Embeddings = NDArray[np.float32]
"""Unit vectors, shape (n, dimensions)."""

ENOUGH = 8
"""Calls for which a batch begins in any case: with more, a text costs hardly less."""

PATIENCE = 0.05
"""Seconds after which it begins, whatever else is under way."""


@dataclass(slots=True)
class _Call:
    texts: list[str]
    answer: Embeddings | None = None
    error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.answer is not None or self.error is not None


class DynamicBatcher:
    """Encodes the texts of everyone who waits in one go.

    To encode a short text is to read all weights of the tower, so sixteen texts take little longer
    than one. While one batch runs, the next one gathers, and the first of its callers to get the
    lock runs it for all. It begins when half of the queries that are under way wait for it: the
    others have the processors meanwhile. Somebody who is alone never waits.
    """

    def __init__(
        self,
        encode: Callable[[list[str]], Embeddings],
        largest: int,
        under_way: UnderWay = UNDER_WAY,
    ) -> None:
        """`encode` is never called twice at once, and with more than `largest` texts only where
        one caller has more.
        """
        self._under_way = under_way
        self._encode = encode
        self._largest = largest
        self._waiting: list[_Call] = []
        self._gathering = threading.Lock()
        self._running = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> Embeddings:
        """The embeddings of one caller's texts, at least one."""
        call = _Call(list(texts))
        with self._gathering:
            self._waiting.append(call)
        self._under_way.tell()
        while not call.done:
            with self._running:
                if not call.done:
                    self._under_way.wait(self._are_enough, PATIENCE)
                    self._run(self._next_batch())
        if call.error is not None:
            raise call.error
        assert call.answer is not None
        return call.answer

    @property
    def waiting(self) -> int:
        """How many calls wait for the batch that runs to end."""
        return len(self._waiting)

    def _are_enough(self) -> bool:
        return len(self._waiting) >= min(ENOUGH, self._under_way.count / 2)

    def _next_batch(self) -> list[_Call]:
        """The longest waiting calls that fit into one batch; at least one."""
        with self._gathering:
            count = size = 0
            for call in self._waiting:
                size += len(call.texts)
                if count and size > self._largest:
                    break
                count += 1
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    def _run(self, calls: list[_Call]) -> None:
        try:
            vectors = self._encode([text for call in calls for text in call.texts])
        except BaseException as error:
            if len(calls) == 1:
                calls[0].error = error
                return
            for call in calls:
                self._run([call])
            return
        ends = np.cumsum([len(call.texts) for call in calls])
        for call, part in zip(calls, np.split(vectors, ends[:-1]), strict=True):
            call.answer = part
