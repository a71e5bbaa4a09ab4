"""The product as an object: what it does without an index, when it is closed, and in threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from photoseek.engine import PhotoSearch
from photoseek.errors import (
    DuplicatePhotoError,
    ModelMismatchError,
    PhotoError,
    QueryError,
    StorageError,
    StoreError,
)
from photoseek.evaluation.gathering import gathered
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.records import Found, Photo, Status, Traits
from photoseek.settings import LibrarySettings, Settings, load_settings
from photoseek.sources import open_source
from photoseek.store import open_store
from photoseek.store.retelling import retell
from tests.support.indexers import MemorySearch, load_colours
from tests.support.pictures import drawing, saved
from tests.support.written_photos import in_languages, jpeg_of, xmp_of

RED, BLUE = (250, 10, 10), (10, 10, 250)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(index=str(tmp_path / "index"), uploads=str(tmp_path / "uploads"))


@pytest.fixture
def photos(settings: Settings) -> Iterator[PhotoSearch]:
    """Over a real store, with a model of colours."""
    with PhotoSearch(settings, load_encoder=load_colours) as photos:
        yield photos


def refuse_to_load(_: LibrarySettings) -> PhotoEncoder:
    raise AssertionError("no model is needed")


def files(folder: str) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def test_without_an_index_nothing_is_found_and_no_model_loaded(settings: Settings) -> None:
    with PhotoSearch(settings, load_encoder=refuse_to_load) as photos:
        assert photos.search("red").hits == photos.search().hits == ()
        assert photos.search('"red"  - blue').query == '"red" - "blue"'
        assert photos.facets().total == photos.status().photos == 0
        assert photos.known(["a"]) == {}
        photos.maintain()
        with pytest.raises(QueryError, match="No photo in the index has the id 'a'"):
            photos.photo("a")
        assert photos.delete(["a"]) == 0
    assert not Path(settings.index).exists()


def test_photos_of_a_folder_are_found_by_their_colours(photos: PhotoSearch, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, colour in {"red.png": RED, "blue.png": BLUE}.items():
        (folder / name).write_bytes(plain(colour))
    report = photos.index(folder)
    assert (report.indexed, report.skipped) == (2, ())
    for name in ("red", "blue"):
        best = photos.search(name).hits[0].stored.photo
        assert Path(best.uri).name == f"{name}.png"
    red, blue = (hit.stored.photo.id for hit in photos.search("red").hits)
    assert [hit.stored.photo.id for hit in photos.similar(red).hits] == [blue]


def plain(colour: tuple[int, int, int], width: int = 40) -> bytes:
    return saved(Image.new("RGB", (width, 40), colour), "PNG")


def test_a_closed_object_says_so(photos: PhotoSearch) -> None:
    photos.add(plain(RED))
    photos.close()
    photos.close()
    uses: list[Callable[[], object]] = [
        lambda: photos.search("red"),
        photos.search,
        photos.facets,
        photos.status,
        photos.maintain,
        lambda: photos.known(["a"]),
        lambda: photos.photo("a"),
        lambda: photos.delete(["a"]),
        lambda: photos.add(plain(BLUE)),
        lambda: photos.index_batch([Photo("a", "/a.jpg")], [""]),
    ]
    for use in uses:
        with pytest.raises(StoreError, match="was closed. Open it again to use it"):
            use()


def test_many_threads_share_one_model_and_one_index(settings: Settings) -> None:
    loads: list[LibrarySettings] = []

    def load(given: LibrarySettings) -> PhotoEncoder:
        loads.append(given)
        return load_colours(given)

    with PhotoSearch(settings, load_encoder=load) as photos, ThreadPoolExecutor(8) as pool:
        adds = [pool.submit(photos.add, plain(RED, 40 + n)) for n in range(8)]
        assert len({add.result().photo.id for add in adds}) == 8
        searches = [pool.submit(photos.search, "red") for _ in range(16)]
        assert {search.result().total for search in searches} == {8}
    assert len(loads) == 1


def test_two_objects_write_to_one_index(photos: PhotoSearch, settings: Settings) -> None:
    with PhotoSearch(settings, load_encoder=load_colours) as other:
        mine, theirs = photos.add(plain(RED)), other.add(plain(BLUE))
        for each in (photos, other):
            assert len(each.photos([mine.photo.id, theirs.photo.id])) == 2
            with pytest.raises(DuplicatePhotoError):
                each.add(plain(RED))


def test_what_is_not_indexed_leaves_no_file(photos: PhotoSearch, settings: Settings) -> None:
    damaged = saved(drawing(300, 300), "PNG")[:-2000]
    with pytest.raises(PhotoError):
        photos.add(damaged)
    assert files(settings.uploads) == []


def test_where_nothing_may_be_handed_in_that_is_said(settings: Settings) -> None:
    off = settings.model_copy(update={"uploads": "off"})
    with MemorySearch(off) as photos, pytest.raises(StorageError, match="PHOTOSEEK_UPLOADS is off"):
        photos.add(plain(RED))


def test_another_model_than_that_of_the_index_is_refused(
    photos: PhotoSearch, settings: Settings
) -> None:
    photos.add(plain(RED))
    with PhotoSearch.open(settings.index, model="local-dir:/nowhere") as other:
        assert other.search().total == 1
        with pytest.raises(ModelMismatchError, match="was made with the model 'demo'"):
            other.search("red")


def test_the_status_tells_of_the_model_when_it_is_loaded(photos: PhotoSearch) -> None:
    before = photos.status()
    assert (before.photos, before.dimensions, before.precision) == (0, 0, "")
    photos.add(plain(RED))
    assert photos.status() == Status(
        model="demo",
        dimensions=16,
        precision="fp32",
        device="cpu",
        location=photos.location,
        photos=1,
        ann=False,
        fingerprint="f" * 16,
    )


def test_what_was_deleted_is_noted_beside_its_file(photos: PhotoSearch, settings: Settings) -> None:
    photo_id = photos.add(plain(RED), caption="A wall").photo.id
    assert photos.delete([photo_id]) == 1
    [sidecar] = [path for path in files(settings.uploads) if path.suffix == ".json"]
    assert '"deleted": true' in sidecar.read_text()
    assert photos.search() == Found()


def test_what_files_say_is_read_again_without_encoding(
    photos: PhotoSearch, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(jpeg_of(xmp_of(attributes='photoshop:City="Bergen"')))
    photos.index(folder)
    [before] = photos.search(where="city = Bergen").hits
    photo_id = before.stored.photo.id
    retell(open_store(settings.index), {photo_id: Traits()})  # as a version that read none of it
    assert photos.search(where="city = Bergen").hits == ()
    assert photos.index(folder).unchanged == 1
    report = photos.index(folder, refresh=True)
    assert (report.indexed, report.updated, report.unchanged) == (0, 1, 0)
    assert photos.search(where="city = Bergen").hits == (before,)


def test_an_evaluation_takes_captions_out_of_files(settings: Settings, tmp_path: Path) -> None:
    for colour in ("red", "blue", "green"):
        named = in_languages("dc:description", x=f"all {colour}")
        (tmp_path / f"{colour}.jpg").write_bytes(jpeg_of(xmp_of(named), colour=colour))
    (tmp_path / "plain.jpg").write_bytes(jpeg_of())
    with closing(load_colours(settings)) as encoder:
        result = gathered(open_source(str(tmp_path)), encoder, captioned=True)
    assert sorted(one.caption for one in result.photos) == ["all blue", "all green", "all red"]
    assert result.vectors.shape[0] == 3
    assert [skip.reason for skip in result.skipped] == ["It has no caption."]
