"""An index is copied between stores: all of it, once, and again when it has changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photoseek.errors import DamagedStoreError, ModelMismatchError, StoreError
from photoseek.indexing.copying import CopyProgress, copy_index
from photoseek.indexing.inventory import Listed, open_inventory
from photoseek.indexing.tombstones import Tombstones
from photoseek.records import CopyReport, EncodedPhoto
from photoseek.store import PhotoStore, open_store
from tests.support.stored_photos import MODEL, encoded, photo, vector_of
from tests.support.waiting import PATIENCE

PHOTOS = 20
SOURCE = "/photos"


@pytest.fixture(params=["folder", "memory", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where nothing is yet."""
    if request.param == "bucket":
        return f"{request.getfixturevalue('bucket')}/copy"
    return {"folder": f"{tmp_path}/copy", "memory": f"memory:{tmp_path}"}[request.param]


@pytest.fixture
def source(tmp_path: Path) -> PhotoStore:
    """An index in a folder, with something of all that an index can have."""
    store = open_store(tmp_path / "index", MODEL)
    store.use_keyword_fields(("photographer",))
    fields: dict[str, Any] = {
        "photographer": "Ann",
        "tags": ("sea",),
        "metadata": {"project": "spring"},
    }
    for start in range(0, PHOTOS, 10):
        store.upsert([encoded(start + number, **fields) for number in range(8)])
    store.upsert([replace(encoded(50), keep="original", original=b"whole")])
    store.upsert([replace(encoded(51), keep="none")])
    store.upsert([encoded(52, content="same"), encoded(53, content="same")])
    inventory = open_inventory(store.location, SOURCE)
    inventory.add(Listed(f"p{number:05}", f"/photos/{number}.jpg") for number in range(54))
    Tombstones(store.location).note([photo(90)])
    return store


def all_ids(store: PhotoStore) -> list[str]:
    return sorted(each for ids in store.ids() for each in ids)


def comparable(photos: dict[str, EncodedPhoto]) -> dict[str, Any]:
    return {key: replace(each, vector=each.vector.tobytes()) for key, each in photos.items()}  # type: ignore[arg-type]


def assert_same(source: PhotoStore, target: PhotoStore) -> None:
    ids = all_ids(source)
    assert all_ids(target) == ids
    assert target.model == source.model
    assert comparable(target.encoded(ids)) == comparable(source.encoded(ids))
    assert target.browse(99) == source.browse(99)
    assert target.facets() == source.facets()
    assert target.keyword_fields == source.keyword_fields
    assert target.keywords("ann", 99) == source.keywords("ann", 99)
    assert target.known(ids) == source.known(ids)
    for photo_id, known in source.known(ids).items():
        if known.keep != "none":
            assert target.thumbnail(photo_id) == source.thumbnail(photo_id)
        if known.keep == "original":
            assert target.original(photo_id) == source.original(photo_id)


def counts(report: CopyReport) -> tuple[int, int, int, int]:
    assert report.is_verified, report.remarks
    return report.copied, report.updated, report.unchanged, report.removed


@pytest.mark.parametrize("form", ["memory:{}", "{}/index"])
def test_one_that_comes_for_one_that_goes_is_told(form: str, tmp_path: Path) -> None:
    """Of many photos only some are compared, and not the one that is gone."""
    source = open_store(form.format(tmp_path), MODEL)
    many = [encoded(number) for number in range(2_002)]
    source.upsert([replace(each, keep="none") for each in many])
    [ids, *_] = source.ids()
    asked = list(source.encoded(ids))
    done: list[str] = []

    def change(progress: CopyProgress) -> None:
        if progress.stored == len(many) and not done:
            done.append(asked[1])
            source.delete(done)
            source.upsert([replace(encoded(9_999), keep="none")])

    report = copy_index(source, f"{tmp_path}/copy", on_progress=change)
    assert done
    assert not report.is_verified
    assert [remark for remark in report.remarks if "written to meanwhile" in remark]
    assert counts(copy_index(source, f"{tmp_path}/copy")) == (1, 0, 2_001, 1)


def test_all_is_copied(source: PhotoStore, place: str) -> None:
    seen: list[CopyProgress] = []
    report = copy_index(source, place, on_progress=seen.append)
    target = open_store(place)
    assert counts(report) == (source.count(), 0, 0, 0)
    assert_same(source, target)
    assert (report.blobs, report.missing) == (source.count() - 2 + 1, 0)
    assert report.photos == report.compared == source.count()
    assert seen[-1] == CopyProgress(source.count(), source.count(), source.count())
    assert Tombstones(place).among(["p00090", "p00001"]) == {"p00090"}
    noted = [each.id for each in open_inventory(place, SOURCE).listed()]
    assert noted == [f"p{number:05}" for number in range(54)]


def test_a_copy_is_copied_back(source: PhotoStore, place: str, tmp_path: Path) -> None:
    copy_index(source, place)
    report = copy_index(open_store(place), str(tmp_path / "back"))
    assert counts(report) == (source.count(), 0, 0, 0)
    assert_same(source, open_store(tmp_path / "back"))
    assert Tombstones(str(tmp_path / "back")).among(["p00090"]) == {"p00090"}


def test_a_copy_is_brought_up_to_date(source: PhotoStore, place: str) -> None:
    copy_index(source, place)
    assert counts(copy_index(source, place)) == (0, 0, source.count(), 0)
    source.upsert([encoded(60), encoded(0, content="others", seed=61)])
    source.upsert([replace(encoded(1), keep="none")])
    source.describe([photo(2, caption="new")])
    source.delete(["p00003", "p00052"])
    source.use_keyword_fields(("photographer", "caption_of_mine"))
    tombstones = Tombstones(source.location)
    tombstones.forget(["p00090"])
    tombstones.note([photo(3)])
    report = copy_index(source, place)
    assert counts(report) == (1, 3, source.count() - 4, 2)
    assert report.blobs == 2
    assert_same(source, open_store(place))
    assert Tombstones(place).among(["p00003", "p00090"]) == {"p00003"}
    assert counts(copy_index(source, place)) == (0, 0, source.count(), 0)


def test_a_vector_that_is_another_in_its_last_bit_is_copied(source: PhotoStore, place: str) -> None:
    copy_index(source, place)
    vector = vector_of(0)
    vector[3] *= 1 + 2**-23
    [there] = source.encoded(["p00000"]).values()
    source.upsert([replace(there, vector=vector)])
    assert counts(copy_index(source, place)) == (0, 1, source.count() - 1, 0)
    assert_same(source, open_store(place))


KILLED = """
import os, signal, sys
from photoseek.indexing import copying
from photoseek.store import open_store

def killed(progress):
    if progress.stored >= 1_500:
        os.kill(os.getpid(), signal.SIGKILL)

copying.copy_index(open_store(sys.argv[1]), sys.argv[2], on_progress=killed)
"""


def test_a_copy_that_was_killed_goes_on(tmp_path: Path) -> None:
    source = open_store(tmp_path / "index", MODEL)
    source.upsert([encoded(number, content=number // 2) for number in range(3_500)])
    place = str(tmp_path / "copy")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, source.location, place],
        cwd=Path(__file__).parents[3],
        check=False,
        timeout=PATIENCE,
    )
    assert killed.returncode < 0
    assert open_store(place).count() == 2_000
    report = copy_index(source, place)
    assert counts(report) == (1_500, 0, 2_000, 0)
    assert report.blobs == 750
    assert all_ids(open_store(place)) == all_ids(source)


def changing(source: PhotoStore) -> Iterator[None]:
    source.upsert([encoded(70)])
    source.delete(["p00001"])
    source.describe([photo(2, caption="meanwhile")])
    yield


def test_what_changes_meanwhile_is_copied_or_told(source: PhotoStore, tmp_path: Path) -> None:
    place = str(tmp_path / "copy")
    changes = changing(source)
    report = copy_index(source, place, on_progress=lambda _: next(changes, None))
    if not report.is_verified:
        assert any("written to meanwhile" in remark for remark in report.remarks)
    assert copy_index(source, place).is_verified
    assert_same(source, open_store(place))


def test_an_index_is_not_copied_into_itself(source: PhotoStore, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "index")
    for same in (source.location, f"{source.location}/", str(tmp_path / "link")):
        with pytest.raises(StoreError, match="cannot be copied to itself"):
            copy_index(source, same)
    with pytest.raises(StoreError, match="lie one in the other"):
        copy_index(source, str(tmp_path / "index" / "deep" / "copy"))
    with pytest.raises(StoreError, match="lie one in the other"):
        copy_index(source, str(tmp_path))
    assert not (tmp_path / "index" / "deep").exists()


def test_a_bucket_is_not_copied_into_itself(bucket: str) -> None:
    source = open_store(f"{bucket}/index", MODEL)
    with pytest.raises(StoreError, match="cannot be copied to itself"):
        copy_index(source, f"{bucket}/index/")
    with pytest.raises(StoreError, match="lie one in the other"):
        copy_index(source, f"{bucket}/index/copy")


@pytest.mark.parametrize(
    "other", [replace(MODEL, name="another"), replace(MODEL, fingerprint="a"), "dimensions"]
)
def test_a_target_with_another_model_is_refused(source: PhotoStore, place: str, other: Any) -> None:
    model = replace(MODEL, dimensions=8) if other == "dimensions" else other
    target = open_store(place, model)
    with pytest.raises(ModelMismatchError, match="Copy to an empty or new place"):
        copy_index(source, place)
    assert target.count() == 0


def test_a_target_with_photos_of_its_own_is_left_alone(source: PhotoStore, place: str) -> None:
    target = open_store(place, MODEL)
    target.upsert([encoded(99, caption="mine")])
    with pytest.raises(StoreError, match="has photos that were not copied from.*'p00099'"):
        copy_index(source, place)
    assert all_ids(target) == ["p00099"]
    target.delete(["p00099"])
    copy_index(source, place)
    open_store(place).upsert([encoded(99, caption="mine")])
    source.delete(["p00000"])
    with pytest.raises(StoreError, match="Nothing was changed"):
        copy_index(source, place)
    assert {"p00000", "p00099"} <= set(all_ids(open_store(place)))


def test_a_copy_of_an_index_that_was_moved_goes_on(source: PhotoStore, tmp_path: Path) -> None:
    place = str(tmp_path / "copy")
    copy_index(source, place)
    (tmp_path / "index").rename(tmp_path / "moved")
    moved = open_store(tmp_path / "moved")
    moved.upsert([encoded(70)])
    assert counts(copy_index(moved, place)) == (1, 0, moved.count() - 1, 0)
    moved.delete(["p00070"])
    assert counts(copy_index(moved, place)) == (0, 0, moved.count(), 1)


def test_an_index_that_has_become_empty_takes_nothing_away(source: PhotoStore, place: str) -> None:
    copy_index(source, place)
    photos = source.count()
    source.delete(all_ids(source))
    with pytest.raises(StoreError, match="has no photos, and its copy"):
        copy_index(source, place)
    assert open_store(place).count() == photos


def test_an_empty_index_is_copied(tmp_path: Path, place: str) -> None:
    source = open_store(tmp_path / "index", MODEL)
    assert counts(copy_index(source, place)) == (0, 0, 0, 0)
    assert open_store(place).model == MODEL


def test_other_things_are_refused(source: PhotoStore, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to_anna.txt").write_text("Dear Anna")
    with pytest.raises(DamagedStoreError, match="holds other things"):
        copy_index(source, str(tmp_path / "letters"))


def test_thumbnails_that_are_lost_stop_nothing_and_are_told(source: PhotoStore, place: str) -> None:
    [known] = source.known(["p00001"]).values()
    source.blobs.thumbnails.remove([known.content_hash])
    report = copy_index(source, place)
    assert report.missing == 1
    assert any("are missing in the index" in remark for remark in report.remarks)
    assert report.is_verified
    with pytest.raises(DamagedStoreError):
        open_store(place).thumbnail("p00001")


def test_a_thumbnail_that_the_copy_lost_is_found_out(source: PhotoStore, place: str) -> None:
    copy_index(source, place)
    [known] = source.known(["p00001"]).values()
    open_store(place).blobs.thumbnails.remove([known.content_hash])
    report = copy_index(source, place)
    assert not report.is_verified
    assert "no such thumbnail or original in the copy, such as 'p00001'" in report.remarks[0]


def test_notes_go_where_the_setting_says(source: PhotoStore, tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    Tombstones(source.location, state).note([photo(91)])
    place = f"memory:{tmp_path}/noted"
    copy_index(source, place, state=state)
    assert Tombstones(place, state).among(["p00090", "p00091"]) == {"p00091"}
    assert not Tombstones(place).among(["p00090", "p00091"])
    source.delete(["p00000"])
    assert counts(copy_index(source, place, state=state))[3] == 1


def test_notes_beside_an_index_come_along_where_the_copy_has_them_elsewhere(
    source: PhotoStore, tmp_path: Path
) -> None:
    """An engine needs PHOTOSEEK_STATE, and the index that moves there was made without it."""
    Tombstones(source.location).note([photo(91)])
    place, state = f"memory:{tmp_path}/noted", str(tmp_path / "state")
    copy_index(source, place, state=state)
    assert Tombstones(place, state).among(["p00090", "p00091"]) == {"p00090", "p00091"}
