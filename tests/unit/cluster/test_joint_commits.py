"""Photos of many workers are stored together: when they are many, old, or all that there is."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from photoseek.cluster.joint_commits import JointCommits
from photoseek.cluster.work_order import Encoded
from photoseek.errors import StoreWriteError
from photoseek.indexing.results import UnchangedPhoto
from photoseek.records import EncodedPhoto, ModelIdentity, Outcome, Photo
from tests.support.waiting import PATIENCE, wait_until

MODEL = ModelIdentity("demo", "f" * 32, 2)
OTHER = ModelIdentity("demo", "e" * 32, 2)
ENDLESS = 3600.0


def encoded(*names: str, model: ModelIdentity = MODEL) -> Encoded:
    photos = [
        EncodedPhoto(Photo(name, name), "", 1, 1, np.array([1, 0], np.float32), b"")
        for name in names
    ]
    return Encoded([Outcome(name, "indexed") for name in names], photos, [], model)


class Notes:
    """Stores nothing, and notes what each commit has."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.error: Exception | None = None

    def store(
        self,
        photos: Sequence[EncodedPhoto],
        unchanged: Sequence[UnchangedPhoto],
        model: ModelIdentity,
        known: Collection[str] = (),
    ) -> set[str]:
        if self.error is not None:
            raise self.error
        ids = [each.photo.id for each in photos] + [each.photo.id for each in unchanged]
        self.commits.append(sorted(ids))
        return set(known)


def test_what_nobody_can_join_is_stored_at_once() -> None:
    notes = Notes()
    commits = JointCommits(notes.store, seconds=ENDLESS)
    commits.store(encoded("a"))
    unchanged = Encoded([], [], [UnchangedPhoto(Photo("b", "b"), "")], MODEL)
    commits.store(unchanged)
    commits.store(Encoded([Outcome("c", "skipped", "broken")], [], [], MODEL))
    assert notes.commits == [["a"], ["b"]]


def test_photos_wait_for_others_until_they_are_many() -> None:
    notes = Notes()
    commits = JointCommits(notes.store, rows=3, seconds=ENDLESS)
    with commits.expecting(), ThreadPoolExecutor(2) as pool:
        first = pool.submit(commits.store, encoded("a", "b"))
        wait_until(lambda: len(commits._pending) == 1, "the first to wait")
        assert notes.commits == []
        pool.submit(commits.store, encoded("c")).result(PATIENCE)
        first.result(PATIENCE)
    assert notes.commits == [["a", "b", "c"]]


def test_everybody_hears_what_was_left_out_as_it_was_deleted() -> None:
    notes = Notes()
    commits = JointCommits(notes.store, rows=2, seconds=ENDLESS)
    with commits.expecting(), ThreadPoolExecutor(2) as pool:
        first = pool.submit(commits.store, encoded("a"), ["a"])
        wait_until(lambda: len(commits._pending) == 1, "the first to wait")
        second = pool.submit(commits.store, encoded("b"), ["b"])
        assert first.result(PATIENCE) == second.result(PATIENCE) == {"a", "b"}


def test_photos_wait_no_longer_than_they_may() -> None:
    notes = Notes()
    commits = JointCommits(notes.store, seconds=0.01)
    with commits.expecting():
        commits.store(encoded("a"))
    assert notes.commits == [["a"]]


def test_photos_wait_for_nobody_when_nothing_more_is_coming() -> None:
    notes = Notes()
    commits = JointCommits(notes.store, seconds=ENDLESS)
    with ThreadPoolExecutor(1) as pool:
        with commits.expecting():
            waiting = pool.submit(commits.store, encoded("a"))
            wait_until(lambda: len(commits._pending) == 1, "it to wait")
        waiting.result(PATIENCE)
    assert notes.commits == [["a"]]


def test_who_comes_during_a_commit_is_in_the_next_one() -> None:
    notes, begun, goes_on = Notes(), threading.Event(), threading.Event()

    def slowly(
        photos: Sequence[EncodedPhoto],
        rest: Sequence[UnchangedPhoto],
        model: ModelIdentity,
        _: Collection[str],
    ) -> set[str]:
        begun.set()
        assert goes_on.wait(PATIENCE)
        return notes.store(photos, rest, model)

    commits = JointCommits(slowly, seconds=ENDLESS)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(commits.store, encoded("a"))]
        assert begun.wait(PATIENCE)
        waiting += [pool.submit(commits.store, encoded(name)) for name in "bc"]
        wait_until(lambda: len(commits._pending) == 2, "two to wait")
        goes_on.set()
        for each in waiting:
            each.result(PATIENCE)
    assert notes.commits == [["a"], ["b", "c"]]


def test_all_hear_of_a_commit_that_fails_and_the_next_one_may_succeed() -> None:
    notes = Notes()
    commits = JointCommits(notes.store, rows=2, seconds=ENDLESS)
    notes.error = StoreWriteError("The disk is full.")
    with commits.expecting(), ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(commits.store, encoded(name)) for name in "ab"]
        for each in waiting:
            with pytest.raises(StoreWriteError, match="disk is full"):
                each.result(PATIENCE)
    notes.error = None
    commits.store(encoded("a"))
    assert notes.commits == [["a"]]


def test_vectors_of_two_models_never_share_a_commit() -> None:
    notes = Notes()
    commits = JointCommits(notes.store, rows=2, seconds=ENDLESS)
    with commits.expecting(), ThreadPoolExecutor(2) as pool:
        both = encoded("a"), encoded("b", model=OTHER)
        for each in [pool.submit(commits.store, one) for one in both]:
            each.result(PATIENCE)
    assert sorted(notes.commits) == [["a"], ["b"]]
