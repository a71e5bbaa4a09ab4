"""A photo that two hand in at once keeps its file, also where one of them fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image
from typing_extensions import override

from photoseek.engine import PhotoSearch
from photoseek.errors import ServiceError
from photoseek.records import Keep, KnownPhoto, Outcome, Photo
from photoseek.settings import Settings, load_settings
from tests.support.indexers import load_colours
from tests.support.pictures import saved

PICTURE = saved(Image.new("RGB", (40, 40), "red"), "PNG")


class Failing(PhotoSearch):
    """A library that can index nothing; others come once it has asked what is known."""

    others_come: Callable[[], object] = staticmethod(lambda: None)

    @override
    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        found = super().known(ids)
        others_come, self.others_come = self.others_come, lambda: None
        others_come()
        return found

    @override
    def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]:
        raise ServiceError("The encoder is down.")


class Overtaken(PhotoSearch):
    """A library in which the file is removed that it has just read and indexed."""

    @override
    def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]:
        outcomes = super().index_batch(photos, known_hashes, keeps)
        for photo in photos:
            Path(photo.uri).unlink()
        return outcomes


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(index=str(tmp_path / "index"), uploads=str(tmp_path / "uploads"))


def test_who_fails_puts_back_the_file_of_one_that_was_added_just_then(settings: Settings) -> None:
    with (
        Failing(settings, load_encoder=load_colours) as failing,
        PhotoSearch(settings, load_encoder=load_colours) as other,
    ):
        failing.others_come = lambda: other.add(PICTURE)
        with pytest.raises(ServiceError, match="is down"):
            failing.add(PICTURE)
        [hit] = other.browse().hits
        assert Path(hit.stored.photo.uri).read_bytes() == PICTURE
        other.delete([hit.stored.photo.id])
        with pytest.raises(ServiceError, match="is down"):
            failing.add(PICTURE)
        assert not Path(hit.stored.photo.uri).exists()


def test_who_is_done_puts_back_the_file_that_another_one_has_removed(settings: Settings) -> None:
    with Overtaken(settings, load_encoder=load_colours) as library:
        stored = library.add(PICTURE)
        assert Path(stored.photo.uri).read_bytes() == PICTURE
