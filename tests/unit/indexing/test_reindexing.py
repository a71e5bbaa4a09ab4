"""An index is made again with another model, beside the one in use, and takes its place."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from photoseek import PhotoSearch
from photoseek.errors import IndexSwitchedError, StoreError
from photoseek.files.filestore import open_files
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.model_on_demand import ModelOnDemand
from photoseek.indexing.reindex_claim import CLAIM, FORGOTTEN_AFTER, claimed
from photoseek.indexing.reindex_pass import ReindexProgress
from photoseek.indexing.reindex_place import beside, drop_other, model_to_go_back_to
from photoseek.indexing.reindexing import reading_threads, reindex
from photoseek.indexing.run import index_photos
from photoseek.indexing.run_tally import IndexProgress
from photoseek.indexing.text_tally import TextProgress
from photoseek.indexing.tombstones import Tombstones
from photoseek.records import (
    EncodedPhoto,
    Photo,
    PictureText,
    ReadText,
    ReindexReport,
    TextLine,
)
from photoseek.settings import Settings, load_settings
from photoseek.sources import open_source
from photoseek.store import PhotoStore, open_store
from photoseek.store.lance.place_tables import read_tables
from photoseek.store.lance.store import LanceStore
from photoseek.store.milvus.milvus_writer import LATEST
from photoseek.store.naming import ReindexingEngine
from photoseek.store.run_state import run_state
from photoseek.store.switching import reindexing_engine
from tests.conftest import DRAWINGS
from tests.servers.milvus import drop_collection
from tests.servers.search_engines import ENGINES, free_name
from tests.support.other_models import DEMO, DIMENSIONS, other_model
from tests.support.text_reader import KnowsWords
from tests.support.waiting import PATIENCE, wait_until

PHOTOS = 12


class Models(NamedTuple):
    """The two models of these tests: their names, and themselves."""

    other: str
    loaded: dict[str, Any]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    other = other_model(tmp_path_factory.mktemp("models") / "other")
    named = {name: model_of(load_settings(model=name), on_demand=True) for name in (DEMO, other)}
    return Models(other, named)


@pytest.fixture(params=["folder", "bucket", "milvus", *ENGINES])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param in ENGINES:
        with free_name(request.param, request.getfixturevalue(f"{request.param}_url")) as place:
            yield place
    elif request.param == "milvus":
        place = f"milvus://{request.getfixturevalue('milvus')}/test_{uuid.uuid4().hex}"
        yield place
        for number in range(1, 5):
            drop_collection(f"{place}_{number:06}")
    elif request.param == "bucket":
        yield f"{request.getfixturevalue('bucket')}/index"
    else:
        yield str(tmp_path / "index")


@pytest.fixture
def folder(drawings: Path, tmp_path: Path) -> Path:
    """A few photos of one's own."""
    (tmp_path / "photos").mkdir()
    for path in sorted(drawings.parent.glob("**/*.jpg"))[:PHOTOS]:
        shutil.copy(path, tmp_path / "photos")
    return tmp_path / "photos"


@pytest.fixture
def library(location: str, folder: Path) -> Iterator[PhotoSearch]:
    with PhotoSearch.open(location, model=DEMO) as search:
        assert search.index(folder).indexed == PHOTOS
        yield search


def of(location: str) -> Settings:
    return load_settings(index=location)


def again(location: str, models: Models, name: str = "", **how: Any) -> ReindexReport:
    name = name or models.other
    settings = load_settings(index=location, model=name)
    return reindex(settings, models.loaded[name], **how)


def contents(store: PhotoStore) -> dict[str, EncodedPhoto]:
    return store.encoded([photo_id for page in store.ids() for photo_id in page])


def without_vectors(photos: dict[str, EncodedPhoto]) -> dict[str, EncodedPhoto]:
    return {key: replace(each, vector=np.zeros(1, np.float32)) for key, each in photos.items()}


def same(one: dict[str, EncodedPhoto], other: dict[str, EncodedPhoto]) -> bool:
    return repr(sorted(without_vectors(one).items())) == repr(
        sorted(without_vectors(other).items())
    )


def read_text(photo: EncodedPhoto) -> ReadText:
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    return ReadText(photo.content_hash, PictureText("reader", (TextLine("SALE", 0.9, corners),)))


def test_the_new_index_has_all_of_the_old_one_and_the_vectors_of_its_model(
    library: PhotoSearch, location: str, folder: Path, models: Models, tmp_path: Path
) -> None:
    library.use_keyword_fields(["photographer"])
    old = open_store(location)
    photos = contents(old)
    [first, second, gone, *_] = sorted(photos)
    described = replace(photos[first].photo, photographer="Ann", tags=("sea",), version="2")
    old.describe([described])
    old.add_texts({second: read_text(photos[second])})
    library.delete([gone])
    report = again(location, models)
    assert report.is_switched
    assert (report.encoded, report.photos, report.from_thumbnails) == (PHOTOS - 1,) * 2 + (0,)
    new = open_store(location)
    assert (new.model.name, new.model.dimensions) == (models.other, DIMENSIONS)
    assert same(contents(old), contents(new))
    assert new.browse(99) == old.browse(99)
    assert new.facets() == old.facets()
    assert [each.photo.id for each in new.keywords("ann", 9)] == [first]
    assert Tombstones(location).among([gone]) == {gone}
    assert len(open_inventory(location, open_source(str(folder)).location).keys()) == PHOTOS
    with PhotoSearch.open(f"{tmp_path}/fresh", model=models.other) as fresh:
        fresh.index(folder)
        expected = contents(open_store(f"{tmp_path}/fresh"))
    for photo_id, photo in contents(new).items():
        assert photo.vector @ expected[photo_id].vector > 0.999
    for photo_id in contents(new):
        assert new.thumbnail(photo_id) == old.thumbnail(photo_id)


def test_pixels_come_from_the_index_else_from_the_place_else_from_the_thumbnail(
    location: str, folder: Path, models: Models
) -> None:
    one, two, three, four = sorted(folder.glob("*.jpg"))[:4]
    with PhotoSearch.open(location, model=DEMO) as search:
        photos = [Photo(path.stem, str(path), "1") for path in (one, two, three, four)]
        search.index_batch(photos, [""] * 4, ["original", "none", "thumbnail", "thumbnail"])
    originals = {path.stem: path.read_bytes() for path in (one, two, three, four)}
    one.unlink()
    three.unlink()
    four.write_bytes(originals[one.stem])  # another picture by now
    report = again(location, models)
    assert report.is_switched
    assert (report.encoded, report.from_thumbnails, report.unreadable) == (4, 2, ())
    found = contents(open_store(location))
    right = models.loaded[models.other]
    for path in (one, two):
        alone = _vector(originals[path.stem], right)
        assert found[path.stem].vector @ alone > 0.999
    for path in (three, four):
        alone = _vector(originals[path.stem], right)
        assert 0.9 < found[path.stem].vector @ alone < 1


def _vector(data: bytes, model: ModelOnDemand) -> Any:
    from photoseek.photos import ImageLimits, decode

    pixels = decode(data, model.input_shape, ImageLimits(50, 100)).pixels
    return model.encode_images([pixels])[0]


def test_photos_that_can_be_read_nowhere_keep_the_new_index_from_taking_over(
    location: str, folder: Path, models: Models
) -> None:
    with PhotoSearch.open(location, model=DEMO) as search:
        search.index(folder, keep="none")
        path = next(iter(folder.glob("*.jpg")))
        data = path.read_bytes()
        path.unlink()
        report = again(location, models)
        assert not report.is_switched
        [skip] = report.unreadable
        assert skip.uri == str(path)
        assert open_store(location).model.name == DEMO
        path.write_bytes(data)  # it is back
        report = again(location, models)
        assert (report.is_switched, report.encoded, report.unchanged) == (True, 1, PHOTOS - 1)
    path.unlink()
    drop_other(of(location))
    assert not again(location, models, DEMO).is_switched
    report = again(location, models, DEMO, leave_out=True)
    assert (report.is_switched, report.photos) == (True, PHOTOS - 1)


def test_who_breaks_off_does_not_wait_for_what_is_being_read() -> None:
    """Such as a bucket that is silent: minutes went by before anything was said."""
    arrives = threading.Event()
    reading: list[Future[bool]] = []

    def break_off() -> None:
        with reading_threads() as pool:
            reading.append(pool.submit(arrives.wait, PATIENCE))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert not reading[0].done()
    arrives.set()
    assert reading[0].result(PATIENCE)


def test_a_run_that_is_stopped_changes_nothing_and_the_next_goes_on(
    library: PhotoSearch, location: str, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photoseek.indexing.new_vectors.BATCH", 2)
    monkeypatch.setattr("photoseek.indexing.reindex_pass.STORED_AT_ONCE", 2)

    def stop(progress: ReindexProgress) -> None:
        if progress.encoded >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        again(location, models, on_progress=stop)
    assert open_store(location).model.name == DEMO
    [one, two, *_] = sorted(contents(open_store(location)))
    library.delete([one])
    open_store(location).describe([Photo(two, "elsewhere", "9", caption="new")])
    report = again(location, models)
    assert report.is_switched
    assert report.encoded + report.unchanged + report.updated == PHOTOS - 1
    assert report.encoded < PHOTOS - 2
    stored = contents(open_store(location))
    assert one not in stored
    assert stored[two].photo.caption == "new"


def test_the_last_pass_looks_at_what_was_written_during_the_one_before(
    library: PhotoSearch,
    location: str,
    folder: Path,
    models: Models,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("photoseek.indexing.reindex_pass.AT_ONCE", 1)
    monkeypatch.setattr("photoseek.store.milvus.milvus_marks.APART", -LATEST)
    [one, two, *_] = sorted(contents(open_store(location)))
    path = shutil.copy(next(iter(folder.glob("*.jpg"))), folder.parent / "new.jpg")
    looks: list[ReindexProgress] = []

    def change(progress: ReindexProgress) -> None:
        if not looks and progress.done == PHOTOS:  # all are brought over
            added = library.index_batch([Photo("new", str(path), "1")], [""])
            assert added[0].outcome == "indexed"
            open_store(location).describe([Photo(two, "elsewhere", "9", caption="new")])
        if looks or progress.done == PHOTOS:
            looks.append(progress)

    report = again(location, models, on_progress=change)
    assert (report.is_switched, report.photos, report.removed) == (True, PHOTOS + 1, 0)
    stored = contents(open_store(location))
    assert stored["new"].vector.shape == (DIMENSIONS,)
    assert stored[two].photo.caption == "new"
    assert len(looks) < 2 * PHOTOS, "once through the ids of the new index, and no photo again"

    def remove(progress: ReindexProgress) -> None:
        if progress.done == PHOTOS + 1:
            library.delete([one])

    report = again(location, models, DEMO, on_progress=remove)
    assert (report.is_switched, report.photos) == (True, PHOTOS)
    assert one not in contents(open_store(location))


@pytest.mark.parametrize("location", ["folder", "bucket"], indirect=True)
@pytest.mark.parametrize("when", ["in the first pass", "in upkeep"])
def test_writers_do_not_wait_for_photos_that_came_before_the_last_pass(
    library: PhotoSearch,
    location: str,
    folder: Path,
    models: Models,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    """To encode them takes seconds each with a large model."""
    paths = [Path(shutil.copy(path, f"{path}.new.jpg")) for path in folder.glob("*.jpg")]
    came: list[str] = []
    encoded_while_held: set[int] = set()

    def come() -> None:
        if not came:
            came.extend(path.name for path in paths)
            photos = [Photo(path.name, str(path), "1") for path in paths]
            library.index_batch(photos, [""] * len(photos))

    def notice(progress: ReindexProgress) -> None:
        if when == "in the first pass" and progress.done == PHOTOS:
            come()
        if read_tables(open_files(location)).held_until:
            encoded_while_held.add(progress.encoded)

    maintain = LanceStore.maintain

    def maintained(store: LanceStore) -> object:
        come()
        return maintain(store)

    monkeypatch.setattr(LanceStore, "maintain", maintained)
    report = again(location, models, on_progress=notice)
    assert (report.is_switched, report.photos) == (True, 2 * PHOTOS)
    assert encoded_while_held <= {report.encoded}


def test_a_photo_that_comes_during_the_last_pass_does_not_hide_one_that_is_gone(
    library: PhotoSearch,
    location: str,
    folder: Path,
    models: Models,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its writer looked before writers were held up, and writes it again in the new index."""
    monkeypatch.setattr("photoseek.store.milvus.milvus_marks.APART", -LATEST)
    settings = of(location)
    source = open_store(reindexing_engine(location, settings).generations(location).current)
    [one, two, *_] = sorted(contents(source))
    path = shutil.copy(next(iter(folder.glob("*.jpg"))), folder.parent / "new.jpg")
    done: set[str] = set()

    def change(progress: ReindexProgress) -> None:
        if progress.done == PHOTOS and not done:  # all are brought over
            library.delete([one])
            library.index_batch([Photo("new", str(path), "1")], [""])
            done.add("before the last pass")
        if progress.encoded == PHOTOS + 1 and len(done) == 1:
            source.upsert([replace(source.encoded([two])[two], photo=Photo("late", "/l.jpg", "1"))])
            done.add("during the last pass")

    report = again(location, models, on_progress=change)
    assert len(done) == 2
    assert (report.is_switched, report.removed) == (True, 1)
    assert one not in contents(open_store(location))


def test_going_back_takes_along_what_came_since_and_the_old_one_can_be_dropped(
    library: PhotoSearch, location: str, folder: Path, models: Models
) -> None:
    again(location, models)
    [one, two, *_] = sorted(contents(open_store(location)))
    library.delete([one])
    path = shutil.copy(next(iter(folder.glob("*.jpg"))), folder.parent / "new.jpg")
    added = library.index_batch([Photo("new", str(path), "1", caption="new")], [""])
    assert added[0].outcome == "indexed"
    open_store(location).describe([Photo(two, "elsewhere", "9", caption="again")])
    assert model_to_go_back_to(of(location)).name == DEMO
    report = again(location, models, DEMO)
    assert (report.is_switched, report.encoded, report.updated, report.removed) == (True, 1, 1, 1)
    stored = contents(open_store(location))
    assert open_store(location).model.name == DEMO
    assert one not in stored
    assert stored["new"].photo.caption == "new"
    assert stored[two].photo.caption == "again"
    dropped = drop_other(of(location))
    assert dropped.model is not None
    assert (dropped.model.name, dropped.was_in_use) == (models.other, True)
    assert beside(of(location)) is None
    store = open_store(location)
    assert len(contents(store)) == PHOTOS
    assert all(store.thumbnail(each) for each in contents(store))
    report = again(location, models)  # and a third time, after the first table has gone
    drop_other(of(location))
    assert (report.is_switched, len(contents(open_store(location)))) == (True, PHOTOS)
    assert library.search("house").total == PHOTOS


def test_what_cannot_be_done_is_said(library: PhotoSearch, location: str, models: Models) -> None:
    with pytest.raises(StoreError, match="of the model 'demo' already, with the same weights"):
        again(location, models, DEMO)
    with pytest.raises(StoreError, match="no other index beside"):
        drop_other(of(location))
    with pytest.raises(StoreError, match="no index to go back to"):
        model_to_go_back_to(of(location))
    with (
        claimed(location, run_state(location)),
        pytest.raises(StoreError, match="at work already, on this machine"),
    ):
        again(location, models)

    def stop(_: ReindexProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        again(location, models, on_progress=stop)
    with pytest.raises(StoreError, match="to go back to.*The one beside it is unfinished"):
        model_to_go_back_to(of(location))
    with pytest.raises(StoreError, match=r"There is no index at .*nowhere"):
        again(f"{location}_nowhere", models)
    with pytest.raises(StoreError, match="holds no second index beside"):
        again("memory:reindexed", models)


@pytest.mark.parametrize("location", ["bucket"], indirect=True)
def test_one_machine_at_a_time_makes_it_and_one_that_is_down_counts_for_a_minute(
    library: PhotoSearch,
    location: str,
    models: Models,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = run_state(location)

    def go_down() -> None:
        with claimed(location, place):
            raise ConnectionAbortedError  # the claim is not taken back

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(socket, "gethostname", lambda: "elsewhere")
        elsewhere.setenv("XDG_STATE_HOME", str(tmp_path))
        with pytest.raises(ConnectionAbortedError):
            go_down()
    with pytest.raises(StoreError, match="at work already, on elsewhere"):
        again(location, models)
    claim = json.loads(place.read(CLAIM) or b"")
    place.write(CLAIM, json.dumps(claim | {"at": claim["at"] - FORGOTTEN_AFTER - 1}).encode())
    assert again(location, models).is_switched


def test_an_index_of_a_third_model_has_to_go_first(
    library: PhotoSearch, location: str, models: Models, tmp_path: Path
) -> None:
    again(location, models)
    third = other_model(tmp_path / "third")
    settings = load_settings(index=location, model=third)
    other = replace(models.loaded[DEMO].identity, name="third")

    class Third(ModelOnDemand):
        identity = other

    with pytest.raises(
        StoreError, match="lies the index of before, of the model 'demo'.*--drop-old"
    ):
        reindex(settings, Third(lambda _: models.loaded[DEMO]))


def test_a_disk_without_room_is_told_before_anything_is_done(
    tmp_path: Path, folder: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = str(tmp_path / "index")
    with PhotoSearch.open(location, model=DEMO) as search:
        search.index(folder)
    full = shutil.disk_usage(tmp_path)._replace(free=1_200)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(StoreError, match=r"takes up to \d+\.\d kB .* has 1\.2 kB left. Make room"):
        again(location, models)
    assert beside(of(location)) is None


def test_who_has_the_index_open_writes_to_the_new_one_or_is_told(
    library: PhotoSearch, location: str, models: Models
) -> None:
    store = open_store(location)
    photos = contents(store)
    [one, two, *_] = sorted(photos)
    again(location, models)
    for write in (
        lambda: store.upsert([photos[one]]),
        lambda: store.describe([photos[one].photo]),
        lambda: store.delete([one]),
        lambda: store.add_texts({one: read_text(photos[one])}),
        lambda: store.use_keyword_fields(["photographer"]),
    ):
        with pytest.raises(IndexSwitchedError, match="stands for another index"):
            write()
    assert not store.stands()
    assert library.delete([two]) == 1
    assert two not in contents(open_store(location))


@contextmanager
def held_up(engine: ReindexingEngine, location: str) -> Iterator[None]:
    engine.hold(location, time.time() + 60)
    try:
        yield
    finally:
        engine.hold(location, 0)


def test_writers_wait_while_they_are_held_up_and_readers_do_not(
    library: PhotoSearch, location: str
) -> None:
    [one, *_] = sorted(contents(open_store(location)))
    engine = reindexing_engine(location)
    deleted: list[int] = []
    writer = threading.Thread(target=lambda: deleted.append(library.delete([one])))
    with held_up(engine, location):
        writer.start()
        wait_until(lambda: bool(Tombstones(location).among([one])), "the writer has begun")
        assert library.search("house").total == PHOTOS
        assert deleted == []
        assert one in contents(open_store(location))
    writer.join()
    assert deleted == [1]


def test_pixels_stay_while_any_of_both_has_the_photo(
    library: PhotoSearch, location: str, models: Models
) -> None:
    again(location, models)
    [one, *_] = sorted(contents(open_store(location)))
    thumbnails = open_store(location).blobs.thumbnails
    content = contents(open_store(location))[one].content_hash
    library.delete([one])
    assert thumbnails.get(content) is not None
    again(location, models, DEMO)
    assert one not in contents(open_store(location))
    drop_other(of(location))


def test_an_index_among_photos_is_left_alone_also_when_its_first_table_has_gone(
    folder: Path, models: Models
) -> None:
    location = str(folder / "index")
    with PhotoSearch.open(location, model=DEMO) as search:
        search.index(folder)
    again(location, models)
    drop_other(of(location))
    with PhotoSearch.open(location) as search:
        report = search.index(folder)
    assert (report.unchanged, report.indexed, report.skipped) == (PHOTOS, 0, ())


def test_an_object_that_is_open_goes_on_with_the_new_model_and_answers_all_the_time(
    library: PhotoSearch, models: Models, location: str
) -> None:
    assert library.search("a red car").total == PHOTOS
    again(location, models)

    def follows() -> bool:
        assert library.search("a red car").total == PHOTOS
        return library.status().model == models.other

    wait_until(follows, "the new model answers")
    assert not library.search("a red car").is_of_before


ONE_OF_EACH = pytest.mark.parametrize("location", ["folder", "elastic"], indirect=True)


@ONE_OF_EACH
def test_a_run_that_fills_the_index_goes_on_in_the_one_that_takes_its_place(
    library: PhotoSearch, location: str, models: Models, drawings: Path
) -> None:
    reports: list[ReindexReport] = []

    def switch(progress: IndexProgress) -> None:
        if progress.done and not reports:
            reports.append(again(location, models))

    more = open_source(str(drawings))
    report = index_photos(more, library, batch_size=4, on_progress=switch)
    assert (report.indexed, report.skipped) == (DRAWINGS, ())
    store = open_store(location)
    assert store.model.name == models.other
    assert 0 < reports[0].photos - PHOTOS < DRAWINGS, "some were there before, some came after"
    assert store.count() == PHOTOS + DRAWINGS
    assert {len(each.vector) for each in contents(store).values()} == {DIMENSIONS}


@ONE_OF_EACH
def test_texts_that_are_read_meanwhile_are_in_the_index_that_takes_its_place(
    library: PhotoSearch, location: str, models: Models
) -> None:
    switched: list[ReindexReport] = []
    told: list[TextProgress] = []
    reader = KnowsWords()

    def switch(progress: TextProgress) -> None:
        told.append(progress)
        if progress.read and not switched:
            switched.append(again(location, models))

    report = library.read_texts(reader=reader, on_progress=switch)
    assert [each.is_switched for each in switched] == [True]
    assert (report.read, report.unchanged, reader.read) == (PHOTOS, 0, PHOTOS)
    assert told[-1] == TextProgress(done=PHOTOS, read=PHOTOS)
    assert max(each.done for each in told) == PHOTOS
    stored = contents(open_store(location)).values()
    assert [each.text and each.text.reader for each in stored] == [KnowsWords().name] * PHOTOS
