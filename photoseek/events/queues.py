"""What a worker wants of a queue."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

SCHEME = "sqs://"
HOLD_SECONDS = 120
"""How long others do not see a message that is worked on, unless it is said again."""

LONGEST_WAIT = 20
"""Seconds that a queue is waited for at most, for one message."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that others do not see for now. `taken` counts how often somebody took it."""

    id: str
    receipt: str
    body: str
    taken: int


class Queue(Protocol):
    """Messages that are taken, and come back unless somebody says that they are done.

    May be used by many threads. Every method raises QueueError where the queue cannot be used.
    """

    @property
    def has_dead_letters(self) -> bool:
        """Whether messages that cannot be used are kept in a queue of their own."""
        ...

    def take(self, seconds: int = LONGEST_WAIT) -> list[Message]:
        """Some messages, for which it waits so long; none when none comes."""

    def held(self, messages: Sequence[Message]) -> AbstractContextManager[None]:
        """Inside, others do not see these messages, however long it takes.

        Where an error leads out of it they come back at once.
        """

    def done(self, messages: Sequence[Message]) -> None:
        """Take messages out of the queue for good."""

    def bury(self, message: Message, reason: str) -> None:
        """Keep a message with the dead letters, and the reason; without such a queue, drop it."""
