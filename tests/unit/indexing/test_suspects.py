"""A photo at which the encoder dies is found by being alone, and left out from then on."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from photoseek.errors import CrashingPhotoError, PartDownError
from photoseek.indexing.run import index_photos
from photoseek.indexing.suspects import open_suspects
from photoseek.records import IndexReport, Keep, KnownPhoto, Outcome, Photo
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[3]


class Mortal:
    """An indexer whose encoder dies at photo 7."""

    def __init__(self) -> None:
        self.sent: list[list[str]] = []
        self.kills = True

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        return {}

    def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        self.sent.append([photo.id for photo in photos])
        if self.kills and any(photo.id == "7" for photo in photos):
            raise PartDownError("A part of the service is down.")
        return [Outcome(photo.uri, "indexed", "") for photo in photos]

    def maintain(self) -> None:
        pass


def photos(version: str = "1") -> list[Photo]:
    return [Photo(str(number), f"/{number}.jpg", version) for number in range(20)]


def run(indexer: Mortal, index: Path, version: str = "1") -> IndexReport:
    """One run of a process of its own."""
    indexer.sent.clear()
    suspects = open_suspects(str(index))
    try:
        return index_photos(photos(version), indexer, batch_size=4, suspects=suspects)
    finally:
        suspects.close()


def test_the_photo_is_found_named_and_left_out_until_it_changes(tmp_path: Path) -> None:
    indexer = Mortal()
    with pytest.raises(PartDownError):
        run(indexer, tmp_path)
    with pytest.raises(CrashingPhotoError, match=r"died at /7\.jpg, for the second time"):
        run(indexer, tmp_path)
    assert indexer.sent[-1] == ["7"], "alone"
    for _ in range(2):
        report = run(indexer, tmp_path)
        assert report.indexed == 19
        [skip] = report.skipped
        assert skip.uri == "/7.jpg"
        assert "died at this photo, twice" in skip.reason
        assert not any("7" in batch for batch in indexer.sent)
    assert not list((tmp_path / "underway").iterdir())
    indexer.kills = False
    assert run(indexer, tmp_path, version="2").indexed == 20


def test_photos_of_a_run_that_was_killed_by_hand_are_indexed(tmp_path: Path) -> None:
    indexer = Mortal()
    with pytest.raises(PartDownError):
        run(indexer, tmp_path)
    indexer.kills = False
    assert run(indexer, tmp_path).indexed == 20
    assert not list((tmp_path / "underway").iterdir())
    assert ["7"] in indexer.sent, "alone once"
    assert run(indexer, tmp_path).indexed == 20
    assert max(map(len, indexer.sent)) == 4
    assert ["7"] not in indexer.sent


def test_the_note_of_a_run_that_goes_on_is_left_to_it(tmp_path: Path) -> None:
    other = open_suspects(str(tmp_path))
    other.begin()
    other.sending(photos())
    assert run(unharmed(), tmp_path).indexed == 20
    assert len(list((tmp_path / "underway").iterdir())) == 1
    other.done(photos())
    other.close()
    assert not list((tmp_path / "underway").iterdir())


def unharmed() -> Mortal:
    indexer = Mortal()
    indexer.kills = False
    return indexer


KILLED = """
import os, signal, sys
from photoseek.indexing.suspects import open_suspects
from photoseek.records import Photo

index, *ids = sys.argv[1:]
suspects = open_suspects(index)
suspects.begin()
suspects.sending([Photo(number, f"/{number}.jpg", "1") for number in ids])
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(index: Path, *ids: str) -> int:
    """The id of a process that was killed while these photos were under way in it."""
    with subprocess.Popen([sys.executable, "-c", KILLED, index, *ids], cwd=ROOT) as process:
        assert process.wait(PATIENCE) == -signal.SIGKILL
    return process.pid


def test_a_photo_that_killed_the_run_itself_is_left_out_by_the_next(tmp_path: Path) -> None:
    """As where photos are encoded in the process that indexes, which can accuse nobody."""
    killed(tmp_path, "6", "7", "8")
    other = killed(tmp_path, "8")  # alone, and nobody tells that it died: somebody killed it
    died = killed(tmp_path, "7")
    found: list[str] = []
    suspects = open_suspects(str(tmp_path), died=died, on_found=found.append)
    indexer = unharmed()
    report = index_photos(photos(), indexer, batch_size=4, suspects=suspects)
    suspects.close()
    assert other != died
    assert found == ["/7.jpg"]
    assert [skip.uri for skip in report.skipped] == ["/7.jpg"]
    assert report.indexed == 19
    assert ["8"] in indexer.sent, "looked into once more"
    assert not list((tmp_path / "underway").iterdir())
