"""Opening what is there, what is not there, and what should not be there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.errors import (
    DamagedStoreError,
    ModelMismatchError,
    StoreError,
    StoreVersionError,
    StoreWriteError,
)
from photoseek.helpers.program import command
from photoseek.settings import EngineSettings, load_settings
from photoseek.store import (
    PhotoStore,
    open_store,
    open_thumbnails,
    peek_model,
    register_store,
    same_index,
)
from photoseek.store.lance.schema import FORMAT, new_schema
from photoseek.store.lazy import LazyStore
from photoseek.store.memory import MemoryEngine
from tests.support.stored_photos import MODEL, encoded, hash_of, vector_of


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def store(location: Path) -> PhotoStore:
    store = open_store(location, MODEL)
    store.upsert([encoded(number) for number in range(100)])
    return store


def test_an_index_is_made_and_opened_again(store: PhotoStore, location: Path) -> None:
    for again in (open_store(location), open_store(str(location), MODEL)):
        assert again.model == MODEL
        assert again.location == str(location)
        assert again.count() == 100
        assert again.search(vector_of(0), 3) == store.search(vector_of(0), 3)
    assert peek_model(location) == MODEL


def test_one_store_sees_what_another_writes(store: PhotoStore, location: Path) -> None:
    other = open_store(location)
    other.upsert([encoded(200)])
    assert store.search(vector_of(200), 1)[0].stored.photo.id == "p00200"
    store.delete(["p00200"])
    assert other.count() == 100


def test_no_index_and_no_model(location: Path) -> None:
    assert peek_model(location) is None
    with pytest.raises(StoreError, match=f"no index at .*{command('index')} --source FOLDER"):
        open_store(location)
    assert not location.exists()
    location.mkdir()
    assert peek_model(location) is None
    assert open_store(location, MODEL).count() == 0


def test_a_creation_that_was_killed_is_begun_again(location: Path) -> None:
    (location / "thumbnails").mkdir(parents=True)
    (location / "writer.lock").touch()
    (location / "photos.lance" / "_versions").mkdir(parents=True)
    assert peek_model(location) is None
    assert open_store(location, MODEL).count() == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "ViT"}, r"made with the model 'demo'; this run uses 'ViT'\. Use --model demo"),
        ({"fingerprint": "0"}, r"other weights of the model 'demo' \(f+; this run has 0\)"),
        ({"dimensions": 8}, r"holds vectors of 16 dimensions; the model 'demo' now makes 8"),
    ],
)
def test_another_model(
    store: PhotoStore, location: Path, change: dict[str, object], words: str
) -> None:
    with pytest.raises(ModelMismatchError, match=words):
        open_store(location, replace(MODEL, **change))  # type: ignore[arg-type]
    assert store.count() == 100


NEW = replace(MODEL, fingerprint=f"{MODEL.fingerprint}-gelu-00000000")


def test_an_index_that_knows_only_the_weights_goes_on(store: PhotoStore, location: Path) -> None:
    again = open_store(location, NEW)
    again.upsert([encoded(200)])
    assert again.search(vector_of(200), 1)[0].stored.photo.id == "p00200"
    assert again.model == MODEL


def test_other_settings_of_the_same_weights_are_told(location: Path) -> None:
    open_store(location, NEW)
    other = replace(NEW, fingerprint=NEW.fingerprint[:-1] + "1")
    with pytest.raises(ModelMismatchError, match="when the model 'demo' had other settings"):
        open_store(location, other)


def test_what_was_made_with_the_wrong_activation_is_to_be_made_again(tmp_path: Path) -> None:
    location = tmp_path / "my index"
    made_with = replace(MODEL, name="ViT-B-32:openai")
    open_store(location, made_with).upsert([encoded(1)])
    given = replace(made_with, fingerprint=f"{MODEL.fingerprint}-quick_gelu-00000000")
    words = (
        f"wrong activation.*Make it again: {command('reindex')} --index '{location}' "
        "--model ViT-B-32:openai"
    )
    with pytest.raises(ModelMismatchError, match=words):
        open_store(location, given)
    assert open_store(location).count() == 1, "what it holds can still be looked at"


@pytest.mark.parametrize(
    ("written", "words"), [(FORMAT + 1, "Upgrade photoseek"), (1, "again into a new folder")]
)
def test_an_index_of_another_format(location: Path, written: int, words: str) -> None:
    import lancedb

    schema = new_schema(MODEL)
    identity = json.loads(schema.metadata[b"photoseek"]) | {"format": written}
    # An older format lacks columns, which is no damage.
    schema = schema.remove(schema.get_field_index("words"))
    schema = schema.with_metadata({b"photoseek": json.dumps(identity).encode()})
    lancedb.connect(str(location)).create_table("photos", schema=schema)
    for use in (open_store, peek_model):
        with pytest.raises(StoreVersionError, match=f"format {written}.*{words}"):
            use(location)


@pytest.mark.parametrize(
    "metadata", [None, {b"photoseek": b"{"}, {b"photoseek": b"[]"}, {b"photoseek": b'{"format":1}'}]
)
def test_a_table_of_somebody_else(location: Path, metadata: dict[bytes, bytes] | None) -> None:
    import lancedb

    schema = new_schema(MODEL).with_metadata(metadata)
    lancedb.connect(str(location)).create_table("photos", schema=schema)
    with pytest.raises(DamagedStoreError, match="not made by photoseek"):
        open_store(location, MODEL)


def test_a_table_without_our_columns(location: Path) -> None:
    import lancedb

    schema = new_schema(MODEL)
    schema = schema.remove(schema.get_field_index("tag_keys"))
    lancedb.connect(str(location)).create_table("photos", schema=schema)
    with pytest.raises(DamagedStoreError, match="lacks columns"):
        open_store(location)


def test_a_folder_of_other_things_is_left_alone(location: Path) -> None:
    location.mkdir()
    (location / "holiday.jpg").write_bytes(b"x")
    for use in (open_store, peek_model, lambda where: open_store(where, MODEL)):
        with pytest.raises(DamagedStoreError, match="holds other things and no index"):
            use(location)
    assert [path.name for path in location.iterdir()] == ["holiday.jpg"]


def test_a_file_in_the_place_of_the_folder(location: Path) -> None:
    location.write_bytes(b"x")
    with pytest.raises(DamagedStoreError, match="holds other things"):
        open_store(location, MODEL)
    with pytest.raises(StoreWriteError, match="a file is in the place of a folder"):
        open_store(location / "below", MODEL)


@pytest.mark.parametrize("location", ["gs://bucket/index", "https://example.org/index"])
def test_an_address_is_no_folder(location: str) -> None:
    with pytest.raises(StoreError, match=r"at s3://BUCKET/PREFIX, or in an engine, .*; got"):
        open_store(location, MODEL)


def test_an_engine_answers_for_its_scheme(location: Path) -> None:
    register_store("shelf", MemoryEngine)
    assert peek_model("SHELF:photos") is None
    with pytest.raises(StoreError, match="no index at memory:photos"):
        open_store("shelf:photos")
    store = open_store("shelf:photos", MODEL)
    store.upsert([encoded(1)])
    assert open_store("shelf:photos").count() == 1
    assert open_thumbnails("shelf:photos").get(hash_of(1)) == b"thumbnail of 1"
    with pytest.raises(ModelMismatchError, match="this run uses 'ViT'"):
        open_store("shelf:photos", replace(MODEL, name="ViT"))
    assert same_index("shelf:photos", "Shelf:photos")
    assert not same_index("shelf:photos", "shelf:others")


class BranchEngine(MemoryEngine):
    """One that goes by settings: whoever has another key has other photos."""

    def __init__(self) -> None:
        super().__init__()
        self.branches: dict[str, MemoryEngine] = {}

    def configured(self, settings: EngineSettings) -> MemoryEngine:
        key = settings.engine_api_key.get_secret_value() if settings.engine_api_key else ""
        return self.branches.setdefault(key, MemoryEngine())


def test_an_engine_of_somebody_elses_may_go_by_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    register_store("branch", BranchEngine)
    monkeypatch.setenv("PHOTOSEEK_ENGINE_API_KEY", "b")
    for key, count in (("a", 1), ("b", 2)):
        settings = load_settings(engine_api_key=key)
        stored = open_store("branch:photos", MODEL, settings)
        stored.upsert([encoded(number) for number in range(count)])
    first = LazyStore("branch:photos", load_settings(engine_api_key="a"))
    assert first.read(lambda store: store.count(), 0) == 1
    assert open_store("branch:photos").count() == 2, "those of the environment"
    assert peek_model("branch:photos", load_settings(engine_api_key="c")) is None
    assert same_index("branch:photos", "BRANCH:photos")


def test_an_index_in_memory_is_found_again_in_this_process() -> None:
    open_store("memory:here", MODEL).upsert([encoded(1)])
    assert peek_model("memory:here") == MODEL
    assert open_store("memory:here").count() == 1
    assert peek_model("memory:elsewhere") is None


def test_a_scheme_that_no_engine_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for use in (peek_model, open_thumbnails, lambda location: open_store(location, MODEL)):
        with pytest.raises(StoreError, match="A store for nobody: may come with a package.*./nob"):
            use("nobody:index")
    assert same_index("nobody:index", "nobody:index"), "it can be compared all the same"
    (tmp_path / "nobody:index").mkdir()
    assert open_store("nobody:index", MODEL).location == str(tmp_path / "nobody:index")


def junk(path: Path) -> None:
    path.write_bytes(b"\x07" * 500)


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES = [Path.unlink, junk, halve, empty]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_told_at_opening(
    store: PhotoStore, location: Path, damage: Callable[[Path], None]
) -> None:
    for path in location.glob("photos.lance/_versions/*.manifest"):
        damage(path)
    for use in (open_store, peek_model, lambda where: open_store(where, MODEL)):
        with pytest.raises(DamagedStoreError, match=r"Restore it from a backup, or remove"):
            use(location)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_rows_are_told_when_they_are_read(
    store: PhotoStore, location: Path, damage: Callable[[Path], None]
) -> None:
    for path in location.glob("photos.lance/data/*"):
        damage(path)
    again = open_store(location)
    with pytest.raises(DamagedStoreError, match="cannot be read"):
        again.search(vector_of(0), 3)
    with pytest.raises(DamagedStoreError, match="cannot be read"):
        again.get(["p00001"])
    with pytest.raises(StoreError):
        again.upsert([encoded(1)])


def test_a_lost_thumbnail_is_told(store: PhotoStore, location: Path) -> None:
    for path in location.glob("thumbnails/*/*.jpg"):
        path.unlink()
    with pytest.raises(DamagedStoreError, match="thumbnail of the photo 'p00001' is missing"):
        store.thumbnail("p00001")


def test_thumbnails_are_read_without_opening_the_index(location: Path) -> None:
    thumbnails = open_thumbnails(location)
    assert thumbnails.get(hash_of(2)) is None
    assert not location.exists()
    store = open_store(location, MODEL)
    store.upsert([encoded(1), replace(encoded(2), keep="none")])
    assert thumbnails.get(hash_of(1)) == b"thumbnail of 1"
    (location / "secret.jpg").write_bytes(b"secret")
    for unknown in (hash_of(2), hash_of("unknown"), "", "..", f"../{hash_of(1)}", "../../secret"):
        assert thumbnails.get(unknown) is None
    store.delete(["p00001"])
    assert thumbnails.get(hash_of(1)) is None
    with pytest.raises(StoreError, match="lives in a folder, at s3://"):
        open_thumbnails("https://example.org/index")
