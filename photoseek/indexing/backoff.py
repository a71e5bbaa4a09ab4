"""Photos that could not be used, and when to try them again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from photoseek.helpers.idset import key_of
from photoseek.indexing.indexer import Indexer
from photoseek.records import Keep, Outcome, Photo, Skip

LONGEST_REST = 32
"""Rounds. A broken photo costs its download each time, and a server that is down may come back."""


def digest_of(photo: Photo) -> int:
    """A hash of 64 bits of all that a source says of a photo."""
    return key_of(json.dumps(asdict(photo), sort_keys=True))


@dataclass(frozen=True, slots=True)
class _Failure:
    content: int
    skip: Skip
    tries: int
    again: int  # the round of the next try


class Unusable:
    """Photos that could not be used in earlier rounds, by their uris."""

    def __init__(self) -> None:
        self._failures: dict[str, _Failure] = {}
        self._round = 0

    def next_round(self) -> None:
        """Begin a round, and forget what the one before should have tried and did not meet."""
        self._round += 1
        failures = self._failures.items()
        self._failures = {uri: each for uri, each in failures if each.again >= self._round}

    def resting(self, photo: Photo) -> Skip | None:
        """Why a photo could not be used, where it is as it was then and not to be tried yet."""
        failure = self._failures.get(photo.uri)
        if failure is None or failure.again <= self._round or failure.content != digest_of(photo):
            return None
        return failure.skip

    def noticing(self, indexer: Indexer) -> Indexer:
        """An indexer that remembers here what it could not use."""
        return _Noticing(indexer, self)

    def note(self, photo: Photo, outcome: Outcome) -> None:
        """Remember what became of a photo."""
        if outcome.outcome != "skipped":
            self._failures.pop(photo.uri, None)
            return
        content = digest_of(photo)
        before = self._failures.get(photo.uri)
        tries = before.tries + 1 if before is not None and before.content == content else 1
        again = self._round + min(2 ** (tries - 1), LONGEST_REST)
        skip = Skip(outcome.uri, outcome.error)
        self._failures[photo.uri] = _Failure(content, skip, tries, again)


class _Noticing:
    def __init__(self, indexer: Indexer, unusable: Unusable) -> None:
        self._indexer = indexer
        self._unusable = unusable
        self.known = indexer.known
        self.maintain = indexer.maintain

    def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        outcomes = self._indexer.index_batch(photos, known_hashes, keeps)
        for photo, outcome in zip(photos, outcomes, strict=True):
            self._unusable.note(photo, outcome)
        return outcomes
