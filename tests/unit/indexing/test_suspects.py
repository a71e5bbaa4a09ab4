"""A photo at which the encoder dies is found by being alone, and left out from then on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from photoseek.errors import CrashingPhotoError, PartDownError
from photoseek.indexing.run import index_photos
from photoseek.indexing.suspects import open_suspects
from photoseek.records import IndexReport, Keep, KnownPhoto, Outcome, Photo


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
