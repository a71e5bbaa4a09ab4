"""An index in S3: opening, sharing, and what S3 may answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import pytest

from photoseek.engine import PhotoSearch
from photoseek.errors import DamagedStoreError, ModelMismatchError, StoreError, StoreWriteError
from photoseek.files.filestore import open_files
from photoseek.files.s3_files import BucketFiles
from photoseek.records import ModelIdentity
from photoseek.store import open_store, peek_model, same_index
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from tests.support.lance import lance_store
from tests.support.pausing import WRITE_TO_THE_TABLE, PausingProxy
from tests.support.s3 import Fault, FaultyS3
from tests.support.stored_photos import MODEL, encoded, hash_of, photo, vector_of
from tests.support.waiting import wait_until


@pytest.fixture
def location(bucket: str) -> str:
    return f"{bucket}/some/index"


def thumbnails(location: str) -> set[str]:
    names = (entry.name for entry in open_files(location).entries("thumbnails/"))
    return {name.rpartition("/")[2].removesuffix(".jpg") for name in names}


def test_an_index_is_made_and_opened_again(bucket: str, location: str) -> None:
    assert peek_model(location) is None
    with pytest.raises(StoreError, match=f"no index at {location} yet"):
        open_store(location)
    assert list(open_files(bucket).entries()) == []
    store = open_store(location, MODEL)
    store.upsert([encoded(number) for number in range(20)])
    for again in (open_store(location), open_store(location + "/", MODEL)):
        assert again.location == location
        assert again.search(vector_of(0), 3) == store.search(vector_of(0), 3)
    assert peek_model(location) == MODEL
    with pytest.raises(ModelMismatchError, match="Use --model demo"):
        open_store(location, ModelIdentity("other", "0", 16))
    library = PhotoSearch.open(location)
    status = library.status()
    assert status is not None
    assert (status.location, status.photos) == (location, 20)
    assert library.size() == sum(entry.size for entry in open_files(location).entries())
    assert library.delete(["p00001"]) == 1


def test_many_make_the_index_at_once(location: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(open_store, [location] * 4, [MODEL] * 4))
    for number, store in enumerate(stores):
        store.upsert([encoded(number)])
    assert {store.count() for store in stores} == {4}


def test_a_creation_that_was_killed_is_begun_again(location: str) -> None:
    open_files(location).write(f"thumbnails/ab/{'ab' * 16}.jpg", b"x")
    assert peek_model(location) is None
    assert open_store(location, MODEL).count() == 0


def test_other_things_are_left_alone(bucket: str, location: str) -> None:
    open_files(location).write("holiday.jpg", b"x")
    with pytest.raises(DamagedStoreError, match="holds other things and no index"):
        open_store(location, MODEL)
    open_store(f"{location}-2", MODEL)  # whose name begins alike


def test_a_damaged_table_is_told(location: str) -> None:
    open_store(location, MODEL).upsert([encoded(1)])
    place = open_files(location)
    manifests = [entry.name for entry in place.entries("photos.lance/_versions/")]
    for name in manifests:
        place.write(name, b"\x07" * 500)
    with pytest.raises(DamagedStoreError, match="Restore it from a backup"):
        open_store(location)
    place.remove(manifests)
    with pytest.raises(DamagedStoreError, match="has lost the list of its files"):
        open_store(location)


def test_thumbnails_wait_for_upkeep(location: str) -> None:
    # Another writer, which no lock keeps away, may be about to refer to them.
    store = lance_store(location, UpkeepLimits(fragments=0))
    store.upsert([encoded(1, content="a"), encoded(2, content="b")])
    store.upsert([encoded(1, content="c")])
    store.delete(["p00002"])
    assert thumbnails(location) == {hash_of("a"), hash_of("b"), hash_of("c")}
    store.maintain()
    assert thumbnails(location) == {hash_of("a"), hash_of("b"), hash_of("c")}  # too young
    store = lance_store(location, UpkeepLimits(fragments=0, orphan_age=timedelta(0)))
    store.upsert([encoded(3, content="c")])
    store.maintain()
    assert thumbnails(location) == {hash_of("c")}
    assert store.thumbnail("p00003") == b"thumbnail of c"


def test_what_photos_leave_behind_goes_when_it_is_old(location: str) -> None:
    """Also in a small index, whose table needs no upkeep for long."""
    place = open_files(location)

    def kept_files() -> list[str]:
        return [e.name for e in place.entries() if e.name.endswith((".jpg", ".original"))]

    store = open_store(location, MODEL)
    originals = [replace(encoded(n), keep="original", original=b"%d" % n) for n in range(3)]
    store.upsert(originals)
    assert not list(place.entries("removals/")), "nothing was replaced"
    store.upsert([replace(originals[0], keep="none", original=b"")])
    store.delete(["p00001"])
    for _ in range(2):
        open_store(location, MODEL).maintain()
        assert len(kept_files()) == 6, "another writer may be about to refer to them"
    lance_store(location, UpkeepLimits(orphan_age=timedelta(0))).maintain()
    assert [PurePosixPath(name).stem for name in kept_files()] == [hash_of(2)] * 2
    assert not list(place.entries("removals/"))
    assert store.original("p00002") == b"2"


def test_new_words_do_not_bring_old_bytes_back(
    location: str, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer brings new bytes between what a writer reads and what it writes."""
    other = open_store(location, MODEL)
    other.upsert([encoded(1, content="old"), encoded(2)])
    words = [photo(number, caption="words") for number in (1, 2)]
    with PausingProxy(s3_url) as server, ThreadPoolExecutor(1) as pool:
        with monkeypatch.context() as patched:
            patched.setenv("AWS_ENDPOINT_URL", server.url)
            store = open_store(location, MODEL)
        server.pause_at(WRITE_TO_THE_TABLE)
        described = pool.submit(store.describe, words)
        wait_until(lambda: server.is_paused, "the rows to be read")
        other.upsert([encoded(1, content="new", seed=9)])
        server.resume()
        assert described.result() == 1
    store = open_store(location, MODEL)
    assert store.known(["p00001"])["p00001"].content_hash == hash_of("new")
    assert (store.vectors(["p00001"])["p00001"] == vector_of(9)).all()
    assert store.get(["p00002"])["p00002"].photo.caption == "words"


def test_what_passes_is_tried_again(location: str, faulty_s3: FaultyS3) -> None:
    store = open_store(location, MODEL)
    for method in ("GET", "PUT"):
        faulty_s3.method = method
        faulty_s3.faults.extend([Fault(503, "SlowDown"), Fault(500, "InternalError")])
        store.upsert([encoded(number) for number in range(5)])
        assert len(store.search(vector_of(0), 9)) == 5
        assert not faulty_s3.faults


def test_a_write_looks_for_newer_versions_twice_and_a_read_once(
    location: str, faulty_s3: FaultyS3
) -> None:
    store = open_store(location, MODEL)

    def listings(action: Callable[[], object]) -> int:
        before = len(faulty_s3.seen)
        action()
        asked = (each.path for each in faulty_s3.seen[before:] if each.method == "GET")
        return sum("_versions" in path for path in asked)

    assert listings(lambda: store.upsert([encoded(1), encoded(2)])) == 2
    assert listings(lambda: store.upsert([encoded(2, seed=7), encoded(3)])) == 2
    assert listings(lambda: store.describe([photo(3, caption="new")])) == 2
    assert listings(lambda: store.delete(["p00001"])) == 2
    assert listings(lambda: store.search(vector_of(7), 3)) == 1
    assert listings(lambda: store.get(["p00003"])) == 1


def test_answers_that_are_lost_double_nothing(location: str, faulty_s3: FaultyS3) -> None:
    # The server has committed and the writer does not know, so it commits again.
    store = open_store(location, MODEL)
    faulty_s3.method = "PUT"
    for turn in range(5):  # the thumbnail, the rows, the transaction, the manifest, none
        faulty_s3.faults.extend([Fault()] * turn + [Fault(loses=True)])
        store.upsert([encoded(number, content="same", seed=turn) for number in range(5)])
        faulty_s3.faults.clear()
        found = [hit.stored.photo.id for hit in store.search(vector_of(0), 99, exact=True)]
        assert sorted(found) == [f"p{number:05}" for number in range(5)]
        assert (store.vectors(["p00003"])["p00003"] == vector_of(turn)).all()


def test_lancedb_uses_the_profile_that_boto3_found(
    location: str, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_PROFILE", "stock")
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(
        f"[profile stock]\nregion = us-east-1\nendpoint_url = {s3_url}\n"
        "aws_access_key_id = photoseek\naws_secret_access_key = not a secret\n"
    )
    store = open_store(location, MODEL)
    store.upsert([encoded(1)])
    assert open_store(location).count() == 1


def test_keys_that_expire_are_left_to_lancedb(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = BucketFiles(bucket)
    assert place.access().key_id == "photoseek"
    assert "secret" not in repr(place.access())
    soon = datetime.now(UTC) + timedelta(hours=1)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", soon.isoformat())
    access = BucketFiles(bucket).access()
    assert (access.key_id, access.secret_key, access.region) == ("", "", "us-east-1")
    assert open_store(f"{bucket}/index", MODEL).count() == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(403, "AccessDenied"), "is denied. Allow these AWS credentials"),
        (Fault(403, "InvalidAccessKeyId"), "are not accepted (InvalidAccessKeyId)"),
        (Fault(400, "ExpiredToken"), "The AWS credentials have expired. Log in again"),
        (Fault(404, "NoSuchBucket"), "There is no bucket for"),
    ],
)
def test_what_lasts_is_told_in_words(
    location: str, faulty_s3: FaultyS3, fault: Fault, words: str
) -> None:
    store = open_store(location, MODEL)
    store.upsert([encoded(1)])
    for method, kind in (("PUT", StoreWriteError), ("GET", StoreError)):
        faulty_s3.method = method
        faulty_s3.faults.extend([fault] * 50)
        with pytest.raises(kind) as caught:
            store.upsert([encoded(2)]) if method == "PUT" else store.count()
        assert words in str(caught.value)
        assert len(str(caught.value)) < 400
        if method == "GET":
            with pytest.raises(StoreError) as caught:
                open_store(location)
            assert words in str(caught.value)
        faulty_s3.faults.clear()
    assert open_store(location).count() == 1


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("AWS_ACCESS_KEY_ID", None, "There are no AWS credentials"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9", "S3 cannot be reached"),
        ("AWS_PROFILE", "nobody", "could not be found"),
    ],
)
def test_settings_that_do_not_work(
    location: str, monkeypatch: pytest.MonkeyPatch, setting: str, value: str | None, words: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    if value is None:
        monkeypatch.delenv(setting)
    else:
        monkeypatch.setenv(setting, value)
    for use in (peek_model, lambda where: open_store(where, MODEL)):
        with pytest.raises(StoreError, match=words):
            use(location)


def test_a_missing_bucket(bucket: str) -> None:
    for use in (peek_model, lambda where: open_store(where, MODEL)):
        with pytest.raises(StoreError, match="There is no bucket for s3://no-such-bucket/index"):
            use("s3://no-such-bucket/index")
    for location in ("s3://", "s3://b", "s3:///x"):
        with pytest.raises(StoreError, match="names no bucket"):
            peek_model(location)


def test_which_names_are_the_same_index(bucket: str, location: str, tmp_path: object) -> None:
    assert same_index(location, location + "/")
    assert not same_index(location, bucket)
    assert not same_index(location, "data/index")
    assert same_index("data/index", "./data/x/../index/")
    assert not same_index("data/index", "data")
