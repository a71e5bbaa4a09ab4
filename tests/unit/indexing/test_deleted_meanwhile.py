"""A photo that is deleted on purpose stays deleted, also where a run works on it just then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from typing_extensions import override

from photoseek.engine import PhotoSearch
from photoseek.fetch import PhotoReader
from photoseek.files.links import Links
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.indexing.results import DELETED_MEANWHILE, UnchangedPhoto
from photoseek.photo_index import PhotoIndex
from photoseek.photos import ImageLimits
from photoseek.records import EncodedPhoto, Keep, KnownPhoto, Pixels, StoredPhoto, Traits
from photoseek.settings import LibrarySettings, Settings, load_settings
from photoseek.store import MemoryStore
from photoseek.store.lazy import LazyStore
from tests.support.indexers import ColourModel, load_colours
from tests.support.stored_photos import MODEL, encoded, photo

Amid = Callable[[], object]


def nothing() -> None:
    """What happens amid something, where nothing does."""


class Interrupted(PhotoSearch):
    """A library in which things happen `amid_encoding`, or once a run has looked what is known."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, load_encoder=self._encoder)
        self.amid_encoding: Amid = nothing
        self.once_known: Amid = nothing

    @override
    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        found = super().known(ids)
        self.once_known()
        return found

    def _encoder(self, settings: LibrarySettings) -> PhotoEncoder:
        library = self

        class Slow(ColourModel):
            @override
            def encode_images(self, batch: Sequence[Pixels]) -> NDArray[np.float32]:
                library.amid_encoding()
                return super().encode_images(batch)

        model: Any = Slow()
        limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
        return PhotoEncoder(model, PhotoReader(roots=settings.local_roots), limits)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(index=str(tmp_path / "index"), uploads=str(tmp_path / "uploads"))


def save(folder: Path, name: str, colour: str) -> None:
    Image.new("RGB", (40, 40), colour).save(folder / name)


@pytest.mark.parametrize("moment", ["amid_encoding", "once_known"])
@pytest.mark.parametrize("keep", [None, "none"])
def test_what_a_run_encodes_again_is_not_back(
    moment: str, keep: Keep | None, settings: Settings, folder: Path
) -> None:
    with (
        Interrupted(settings) as library,
        PhotoSearch(settings, load_encoder=load_colours) as other,
    ):
        for name in ("a.png", "b.png"):
            save(folder, name, "red")
        assert library.index(folder).indexed == 2
        save(folder, "b.png", "blue")  # with keep, both are encoded again
        stored = [hit.stored.photo for hit in other.browse().hits]
        [gone] = [each.id for each in stored if Path(each.uri).name == "b.png"]
        setattr(library, moment, lambda: other.delete([gone]))
        report = library.index(folder, keep=keep)
        assert [(skip.id, skip.reason) for skip in report.skipped] == [("", DELETED_MEANWHILE)]
        assert other.known([gone])[gone].deleted
        library.amid_encoding = library.once_known = nothing
        assert library.index(folder, keep=keep).deleted == 1
        assert library.index(folder, keep=keep, again=True).indexed == 1
        assert other.index_status().photos == 2  # type: ignore[union-attr]


class Writing(MemoryStore):
    """A store in which things happen `amid` each write."""

    amid: Amid = staticmethod(nothing)

    @override
    def upsert(self, photos: Sequence[EncodedPhoto]) -> None:
        self.amid()
        super().upsert(photos)

    @override
    def revise(
        self, ids: Iterable[str], revised: Callable[[StoredPhoto], StoredPhoto | None]
    ) -> int:
        self.amid()
        return super().revise(ids, revised)


def test_one_that_is_deleted_amid_the_commit_is_not_back(tmp_path: Path) -> None:
    store = Writing(MODEL)
    location = str(tmp_path)

    def index() -> PhotoIndex:
        lazy = LazyStore(location, opener=lambda *_: store, peek=lambda *_: MODEL)
        return PhotoIndex(lazy, Links(60))

    library, other = index(), index()
    assert library.store([encoded(1), encoded(2)], [], MODEL) == set()
    store.amid = lambda: other.delete(["p00001"])
    known = ["p00001", "p00002"]
    assert library.store([encoded(1), encoded(2)], [], MODEL, known) == {"p00001"}
    assert other.known(["p00001"])["p00001"].deleted
    assert not other.known(["p00002"])["p00002"].deleted


def test_one_that_was_asked_back_is_deleted_once_more(tmp_path: Path) -> None:
    store = Writing(MODEL)
    lazy = LazyStore(str(tmp_path), opener=lambda *_: store, peek=lambda *_: MODEL)
    library = PhotoIndex(lazy, Links(60))
    library.store([encoded(1)], [], MODEL)
    library.delete(["p00001"])
    assert library.store([encoded(1)], [], MODEL) == set()
    store.amid = lambda: library.delete(["p00001"])
    assert library.store([encoded(1)], [], MODEL, ["p00001"]) == {"p00001"}
    assert library.known(["p00001"])["p00001"].deleted


def test_one_that_is_deleted_while_its_file_is_read_again_is_not_back(tmp_path: Path) -> None:
    store = Writing(MODEL)
    lazy = LazyStore(str(tmp_path), opener=lambda *_: store, peek=lambda *_: MODEL)
    library = PhotoIndex(lazy, Links(60))
    one = encoded(1)
    library.store([one], [], MODEL)
    store.amid = lambda: library.delete([photo(1).id])
    told = UnchangedPhoto(photo(1), one.content_hash, Traits(camera="Leica"))
    assert library.store([], [told], MODEL, [photo(1).id]) == {photo(1).id}
    assert library.known([photo(1).id])[photo(1).id].deleted
