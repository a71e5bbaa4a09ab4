"""Indexes that older versions of photoseek made: read as they are, completed at the next write."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.records import Condition, Not, Sort, StoredPhoto, Traits
from photoseek.store import PhotoStore, open_store
from photoseek.store.lance.index_upkeep import index_words
from photoseek.store.lance.schema import new_schema, to_table
from photoseek.store.sorting import place_of
from tests.support.stored_photos import MODEL, encoded, ids, photo, vector_of

OLD = {"taken": "2024-05-01T12:30:00", "colours": ("red",)}
CANON = Condition("camera", "=", "Canon EOS R5")
NONE = Condition("camera", "=", "")
TRAVEL = Condition("folder", "=", "Travel")


def older_record(stored: StoredPhoto) -> str:
    """A row's record as 0.1.0 to 0.3.0 wrote it."""
    its, traits = stored.photo, stored.traits
    return json.dumps(
        {
            "id": its.id,
            "uri": its.uri,
            "version": its.version,
            "caption": its.caption,
            "tags": its.tags,
            "photographer": its.photographer,
            "licence": its.licence,
            "source_url": its.source_url,
            "metadata": dict(its.metadata),
            "content_hash": stored.content_hash,
            "size": (stored.width, stored.height),
            "traits": (traits.colour, traits.colours, traits.phash, traits.taken),
        }
    )


@pytest.fixture
def location(tmp_path: Path) -> Path:
    """An index of three photos in a table without the columns of later fields."""
    import lancedb
    import pyarrow as pa

    location = tmp_path / "index"
    for name in ("thumbnails", "originals"):
        (location / name).mkdir(parents=True)
    schema = new_schema(MODEL)
    for later in ("camera", "folder", "folder_keys", "pixels"):
        schema = schema.remove(schema.get_field_index(later))
    photos = [
        replace(encoded(n, caption="old", tags=("old",)), traits=Traits(**OLD))  # type: ignore[arg-type]
        for n in (1, 2, 3)
    ]
    rows = to_table(photos, new_schema(MODEL)).select(schema.names)
    records = [
        older_record(StoredPhoto(p.photo, p.content_hash, p.width, p.height, p.traits))
        for p in photos
    ]
    place = schema.get_field_index("record")
    rows = rows.set_column(place, schema.field(place), pa.array(records))
    table = lancedb.connect(str(location)).create_table("photos", schema=schema)
    index_words(table)
    table.add(rows.cast(schema))
    return location


def columns(location: Path) -> set[str]:
    import lancedb

    return set(lancedb.connect(str(location)).open_table("photos").schema.names)


def test_it_is_read_as_it_is(location: Path) -> None:
    before = columns(location)
    store = open_store(location, MODEL)
    assert store.get(["p00001"])["p00001"].traits == Traits(**OLD)  # type: ignore[arg-type]
    assert len(store.search(vector_of(1), 9, where=[Condition("taken", "=", "2024")])) == 3
    assert store.count([CANON]) == 0
    assert store.count([NONE]) == store.count([Not(CANON)]) == 3
    assert store.search(vector_of(1), 9, where=[CANON]) == []
    facets = store.facets()
    assert facets.counts["colours"] == (("red", 3),)
    assert not {"camera", "folder"} & set(facets.counts)
    assert store.count([TRAVEL]) == 0
    assert store.count([Not(TRAVEL)]) == 3
    assert [stored.photo.id for stored in store.keywords("old", 9)] == ids(
        sorted(store.search(vector_of(1), 9), key=lambda hit: hit.stored.photo.id)
    )
    wide = Condition("pixels", ">", 1002 * 500)
    assert store.count([wide]) == 1
    assert [stored.photo.id for stored in store.listed(Sort("pixels"), 2)] == ["p00003", "p00002"]
    place = place_of(Sort("pixels"), store.get(["p00002"])["p00002"])
    assert [each.photo.id for each in store.listed(Sort("pixels"), 2, after=place)] == ["p00001"]
    store.maintain()
    assert columns(location) == before


@pytest.fixture(params=["upsert", "describe"])
def written(request: pytest.FixtureRequest, location: Path) -> PhotoStore:
    store = open_store(location)
    if request.param == "describe":
        assert store.describe([photo(1, caption="new")]) == 1
        assert store.count([NONE]) == 3
    return store


def test_the_next_write_completes_it(written: PhotoStore, location: Path) -> None:
    other = open_store(location)
    new = replace(encoded(4), traits=Traits(camera="Canon EOS R5"))
    written.upsert([new, replace(encoded(2), traits=Traits(camera="Canon EOS R5", phash="0" * 16))])
    assert "camera" in columns(location)
    for store in (written, other, open_store(location)):
        assert set(ids(store.search(vector_of(1), 9, where=[CANON]))) == {"p00002", "p00004"}
        assert store.count([NONE]) == 2
        assert store.facets().counts["camera"] == (("Canon EOS R5", 2),)
        assert store.get(["p00004"])["p00004"].traits == new.traits
        assert store.get(["p00003"])["p00003"].traits == Traits(**OLD)  # type: ignore[arg-type]
        assert store.count([Not(TRAVEL)]) == 4
        order = [each.photo.id for each in store.listed(Sort("pixels"), 9)]
        assert order == ["p00004", "p00003", "p00002", "p00001"]
    assert written.describe([photo(4, caption="words", folder="Travel/Italy")]) == 1
    assert [stored.photo.id for stored in written.browse(9, where=[TRAVEL])] == ["p00004"]
    assert written.facets().counts["folder"] == (("Travel", 1), ("Travel/Italy", 1))
    assert [stored.photo.id for stored in written.keywords("italy", 9)] == ["p00004"]
    assert written.get(["p00004"])["p00004"].traits.camera == "Canon EOS R5"


def test_writers_that_had_opened_it_before_go_on(location: Path) -> None:
    first, second = open_store(location), open_store(location)
    first.upsert([replace(encoded(5), traits=Traits(camera="Canon EOS R5"))])
    second.upsert([replace(encoded(6), traits=Traits(camera="Canon EOS R5"))])
    assert first.count([CANON]) == second.count([CANON]) == 2


def test_a_version_is_told_only_where_the_newest_manifest_is_known_by_its_name(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path / "index", MODEL)
    store.upsert([encoded(1)])
    version = store.version()
    assert version
    folder = tmp_path / "index" / "photos.lance" / "_versions"
    newest = min(folder.glob("*.manifest"))
    (folder / "7.manifest").write_bytes(newest.read_bytes())  # as older versions of Lance named it
    assert store.version() == ""
    (folder / "7.manifest").unlink()
    (folder / ".tmp-of-a-commit").touch()
    assert store.version() == version


def test_words_without_spaces_are_found_once_somebody_refreshes_them(tmp_path: Path) -> None:
    import lancedb

    place = tmp_path / "index"
    store = open_store(place, MODEL)
    store.upsert([encoded(1, caption="红色汽车停在路边"), encoded(2, caption="plain")])
    assert store.use_keyword_fields(()) == 0, "a new index needs nothing"
    table = lancedb.connect(str(place)).open_table("photos")
    table.update(where="id = 'p00001'", values={"words": "红色汽车停在路边"})  # as 0.3.0 wrote it
    table.update_field_metadata({"path": "words", "metadata": {"photoseek:wording": "1"}})
    older = open_store(place)
    assert older.keywords("汽车", 9) == []
    assert older.use_keyword_fields(older.keyword_fields) == 1
    assert older.use_keyword_fields(older.keyword_fields) == 0
    assert [stored.photo.id for stored in older.keywords("汽车", 9)] == ["p00001"]
