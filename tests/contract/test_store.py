"""What every store promises, on each of them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photoseek.errors import QueryError, StoreError
from photoseek.records import Condition, EncodedPhoto, Hit, Keep, KnownPhoto, Photo, StoredPhoto
from photoseek.store import MemoryStore, PhotoStore, open_store, parse_condition
from tests.unit.store.photos import MODEL, encoded, hash_of, photo, vector_of

HOSTILE = [
    "", " ", "'", "''", "'''", '"', "`", "\\", "\\'", "\\\\'", "a'b", "' OR '1'='1", "') OR (1=1",
    "'; DROP TABLE photos; --", "-- x", "/* x", "*/", "%", "_", "?", "$1", ":x", "{x}", "NULL",
    "a\nb\r\tc", "\0", "a\0b", "\x1a", "\ufeff", "\u2028", "\u202e", "\ufdd0", "\ufdd0dc80",
    "\udc80", "true", "/photos/\udcff.jpg", "Ünïcödé", "e\u0301", "日本",
    "🌅" * 50, "x" * 10_000, "'" * 10_000,
]  # fmt: skip


@pytest.fixture(params=["lance", "memory", "lance-on-s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    if request.param == "memory":
        return MemoryStore(MODEL)
    if request.param == "lance":
        return open_store(tmp_path / "index", MODEL)
    return open_store(f"{request.getfixturevalue('bucket')}/index", MODEL)


def ids(hits: list[Hit]) -> list[str]:
    return [hit.stored.photo.id for hit in hits]


def hostile_texts(count: int) -> list[str]:
    dice = random.Random(7)
    pieces = [*HOSTILE[1:-3], "a", "=", ",", "(", ")"]
    return [*HOSTILE, *("".join(dice.choices(pieces, k=dice.randint(2, 6))) for _ in range(count))]


def test_an_empty_store_answers(store: PhotoStore) -> None:
    assert store.search(vector_of(0), 5) == []
    assert store.search(vector_of(0), 5, where=[Condition("tags", "=", "x")]) == []
    assert not store.known(["p"])
    assert not store.get(["p"])
    assert not store.vectors(["p"])
    assert store.count() == store.delete(["p"]) == store.describe([photo(1)]) == 0
    store.upsert([])
    store.maintain()
    assert store.delete([]) == store.describe([]) == 0
    assert store.known([]) == {}
    status = store.status()
    assert (status.model, status.photos, status.ann) == (MODEL, 0, False)
    assert status.location == store.location


def test_what_goes_in_comes_out(store: PhotoStore) -> None:
    first = encoded(
        1,
        caption="A beach",
        tags=("Beach", "sea", ""),
        photographer="Ann",
        licence="CC0-1.0",
        source_url="https://example.org/1",
        metadata={"camera": "X", "": "'"},
    )
    store.upsert([first, encoded(2)])
    expected = StoredPhoto(first.photo, first.content_hash, first.width, first.height)
    assert store.get(["p00001", "nobody"]) == {"p00001": expected}
    assert store.get(["p00001"])["p00001"].photo.fingerprint == first.photo.fingerprint
    assert store.known(["p00001", "nobody"]) == {
        "p00001": KnownPhoto(first.photo.fingerprint, first.content_hash)
    }
    found = store.vectors(["p00001", "nobody"])
    assert list(found) == ["p00001"]
    assert found["p00001"].dtype == np.float32
    assert np.array_equal(found["p00001"], first.vector)
    assert store.thumbnail("p00001") == first.thumbnail
    assert store.count() == store.status().photos == 2
    assert store.size() > 0


def test_thousands_of_ids_at_once(store: PhotoStore) -> None:
    # Few thumbnails: each is a request where the store lies in S3.
    store.upsert([encoded(number, content=number % 9) for number in range(2500)])
    asked = [f"p{number:05}" for number in range(1000, 5000)]
    assert set(store.known(iter(asked))) == set(asked[:1500])
    assert len(store.vectors([*asked, *asked])) == 1500
    assert store.delete([*asked, *asked]) == 1500
    assert store.count() == 1000


def test_scores_are_cosine_similarities(store: PhotoStore) -> None:
    photos = [encoded(number) for number in range(300)]
    # Length does not matter, only direction.
    photos[5] = EncodedPhoto(photos[5].photo, hash_of(5), 1, 1, photos[5].vector * 7, b"")
    for start in range(0, 300, 100):
        store.upsert(photos[start : start + 100])
    query = vector_of(1000)
    scores = np.array([vector_of(number) for number in range(300)]) @ query
    order = np.argsort(-scores)
    hits = store.search(query * 3, 20)
    assert ids(hits) == [f"p{number:05}" for number in order[:20]]
    assert [hit.rank for hit in hits] == list(range(1, 21))
    assert np.allclose([hit.score for hit in hits], scores[order[:20]], atol=1e-6)
    assert store.search(query, 20, exact=True) == store.search(query, 20)
    own = store.search(vector_of(5), 1)[0]
    assert own.stored.photo.id == "p00005"
    assert own.score == pytest.approx(1, abs=1e-6)
    assert store.search(-vector_of(5), 300)[-1].score == pytest.approx(-1, abs=1e-6)


def test_more_asked_for_than_there_is(store: PhotoStore) -> None:
    store.upsert([encoded(number) for number in range(3)])
    assert len(store.search(vector_of(0), 1000)) == 3
    assert store.search(vector_of(0), 10, offset=3) == []
    assert len(store.search(vector_of(0), 10, offset=2)) == 1


def test_pages_join_without_gap_or_overlap_even_when_all_are_equal(store: PhotoStore) -> None:
    # 120 photos of two vectors: every page ends among equal scores.
    for start in range(0, 120, 30):
        store.upsert([encoded(n, content=n % 9, seed=n % 2) for n in range(start, start + 30)])
    whole = store.search(vector_of(0), 120)
    assert ids(whole) == [f"p{n:05}" for n in (*range(0, 120, 2), *range(1, 120, 2))]
    pages = [store.search(vector_of(0), 7, offset=offset) for offset in range(0, 120, 7)]
    assert [hit for page in pages for hit in page] == whole


def test_upsert_replaces_and_of_equal_ids_the_last_wins(store: PhotoStore) -> None:
    store.upsert([encoded(1), encoded(2)])
    store.upsert([encoded(1, content="a", caption="a"), encoded(1, content="b", seed=9)])
    assert store.count() == 2
    assert store.get(["p00001"])["p00001"].photo == photo(1)
    assert store.known(["p00001"])["p00001"].content_hash == hash_of("b")
    assert np.array_equal(store.vectors(["p00001"])["p00001"], vector_of(9))
    assert store.thumbnail("p00001") == b"thumbnail of b"
    assert ids(store.search(vector_of(9), 1)) == ["p00001"]


def test_describe_changes_words_only(store: PhotoStore) -> None:
    store.upsert([encoded(number, caption="old", tags=("old",)) for number in (1, 2, 3)])
    new = photo(1, uri="/moved.jpg", version="2", caption="new", tags=("New",), metadata={"a": "b"})
    stranger = photo(99)
    assert store.describe([stranger, photo(1, caption="lost"), new]) == 1
    assert store.count() == 3
    stored = store.get(["p00001"])["p00001"]
    assert stored == StoredPhoto(new, hash_of(1), 1001, 500)
    assert store.known(["p00001"])["p00001"] == KnownPhoto(new.fingerprint, hash_of(1))
    assert np.array_equal(store.vectors(["p00001"])["p00001"], vector_of(1))
    assert store.thumbnail("p00001") == b"thumbnail of 1"
    assert ids(store.search(vector_of(0), 9, where=[Condition("tags", "=", "new")])) == ["p00001"]
    assert store.count([Condition("caption", "=", "old")]) == 2


def test_delete(store: PhotoStore) -> None:
    store.upsert([encoded(1, content="same"), encoded(2, content="same"), encoded(3)])
    assert store.delete(["p00001", "nobody"]) == 1
    assert store.delete(["p00001"]) == 0
    assert store.count() == 2
    assert set(ids(store.search(vector_of(1), 10))) == {"p00002", "p00003"}
    with pytest.raises(QueryError, match="p00001"):
        store.thumbnail("p00001")
    assert store.thumbnail("p00002") == b"thumbnail of same"
    store.upsert([encoded(1)])
    assert store.thumbnail("p00001") == b"thumbnail of 1"


def test_no_more_is_kept_than_was_asked_for(store: PhotoStore) -> None:
    keeps: list[Keep] = ["none", "thumbnail", "original"]
    photos = [replace(encoded(n), keep=keep, original=b"%d" % n) for n, keep in enumerate(keeps)]
    store.upsert(photos)
    assert {i: known.keep for i, known in store.known(IDS).items()} == dict(
        zip(IDS, keeps, strict=True)
    )
    assert store.thumbnail("p00001") == b"thumbnail of 1"
    assert store.thumbnail("p00002") == b"thumbnail of 2"
    assert store.original("p00002") == b"2"
    with pytest.raises(QueryError, match="no thumbnail of the photo 'p00000'.*--keep thumbnail"):
        store.thumbnail("p00000")
    for photo_id in IDS[:2]:
        with pytest.raises(QueryError, match=f"no original of the photo '{photo_id}'"):
            store.original(photo_id)
    with pytest.raises(QueryError, match="There is no photo 'nobody'"):
        store.original("nobody")
    assert set(ids(store.search(vector_of(0), 5))) == set(IDS)


IDS = ["p00000", "p00001", "p00002"]


def test_what_is_kept_can_be_changed(store: PhotoStore) -> None:
    for keep in KEEPS:
        store.upsert([replace(encoded(1), keep=keep, original=b"1")])
        assert store.known(["p00001"])["p00001"].keep == keep
        store.describe([photo(1, caption=keep)])
        assert store.known(["p00001"])["p00001"].keep == keep
        for kept, read in (("thumbnail", store.thumbnail), ("original", store.original)):
            if keep in (kept, "original"):
                assert read("p00001")
            else:
                with pytest.raises(QueryError, match=f"keeps no {kept}"):
                    read("p00001")


KEEPS: list[Keep] = ["original", "thumbnail", "none", "original", "none", "thumbnail", "original"]


def test_photos_of_equal_bytes_keep_what_each_was_asked_for(store: PhotoStore) -> None:
    same = [
        replace(encoded(n, content="same"), keep=keep, original=b"same")
        for n, keep in ((1, "none"), (2, "thumbnail"), (3, "original"), (4, "original"))
    ]
    store.upsert(same)
    assert store.delete(["p00004"]) == 1
    assert store.original("p00003") == b"same"
    assert store.delete(["p00003"]) == 1
    assert store.thumbnail("p00002") == b"thumbnail of same"
    with pytest.raises(QueryError, match="keeps no original"):
        store.original("p00002")
    assert store.delete(["p00002"]) == 1
    assert store.count() == 1


def test_filters_decide_before_the_search(store: PhotoStore) -> None:
    photos = [
        encoded(
            n, content=n % 9, tags=("rare",) if n % 100 == 0 else ("common",), licence=f"L{n % 3}"
        )
        for n in range(1000)
    ]
    store.upsert(photos)
    query = vector_of(5000)
    scores = {photo.photo.id: float(photo.vector @ query) for photo in photos}
    rare = sorted((f"p{n:05}" for n in range(0, 1000, 100)), key=lambda i: -scores[i])
    where = [Condition("tags", "=", "rare")]
    assert ids(store.search(query, 10, where=where)) == rare
    assert ids(store.search(query, 4, where=where, offset=3)) == rare[3:7]
    both = [*where, Condition("licence", "=", "L0"), Condition("width", "<", 1700)]
    assert set(ids(store.search(query, 10, where=both))) == {"p00000", "p00300", "p00600"}
    assert store.count(both) == 3
    assert "p00300" not in ids(
        store.search(query, 10, where=[*both, Condition("id", "!=", "p00300")])
    )


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("tags=beach", [1]),
        ("tags=BEACH", [1]),
        ("tags != Beach", [2, 3]),
        ("tags=bea", []),
        ("tags = ÉTÉ", [2]),
        ("tags=e\u0301te\u0301", [2]),
        ("caption=Two words", [2]),
        ("caption != Two words", [1, 3]),
        ("caption=two words", []),
        ("photographer=Ann", [1, 2]),
        ("photographer=", [3]),
        ("licence==CC0-1.0", [1]),
        ("source_url=https://e.org/?a=1&b<2", [3]),
        ("uri=/photos/2.jpg", [2]),
        ("id=p00003", [3]),
        ("width=1002", [2]),
        ("width!=1002", [1, 3]),
        ("width<1002", [1]),
        ("width<=1002", [1, 2]),
        (" width > 1002 ", [3]),
        ("width>=+1002", [2, 3]),
        ("height>-1", [1, 2, 3]),
        ("height < 99999999999999999999999999", [1, 2, 3]),
        ("height=99999999999999999999999999", []),
        ("height>-99999999999999999999999999", [1, 2, 3]),
    ],
)
def test_filters(store: PhotoStore, text: str, numbers: list[int]) -> None:
    store.upsert(
        [
            encoded(1, tags=("Beach", "sea"), photographer="Ann", licence="CC0-1.0"),
            encoded(2, tags=("été",), photographer="Ann", caption="Two words"),
            encoded(3, source_url="https://e.org/?a=1&b<2"),
        ]
    )
    where = [parse_condition(text)]
    expected = [f"p{number:05}" for number in numbers]
    assert sorted(ids(store.search(vector_of(0), 10, where=where))) == expected
    assert store.count(where) == len(numbers)


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        (Condition("colour", "=", "red"), "tags, id, uri"),
        (Condition("vector", "=", "1"), "photographer"),
        (Condition("id = id OR id", "=", "1"), "photographer"),
        (Condition("caption", ">", "a"), "= !="),
        (Condition("tags", "<=", "a"), "= !="),
        (Condition("width", "LIKE", 3), "< <= > >="),  # type: ignore[arg-type]
        (Condition("width", "=", "2000"), "whole numbers"),
        (Condition("width", "=", True), "whole numbers"),
        (Condition("width", "=", 1.5), "whole numbers"),  # type: ignore[arg-type]
        (Condition("caption", "=", 3), "Give a text"),
    ],
)
def test_senseless_filters_are_refused(store: PhotoStore, condition: Condition, named: str) -> None:
    always_false = Condition("caption", "=", "nothing")
    for where in ([condition], [always_false, condition]):
        with pytest.raises(QueryError, match=named):
            store.search(vector_of(0), 1, where=where)
        with pytest.raises(QueryError, match=named):
            store.count(where)


def test_hostile_text_stays_text(store: PhotoStore) -> None:
    # Each text takes many requests where the store lies in S3, and is the same to Lance there.
    texts = hostile_texts(0 if store.location.startswith("s3://") else 60)
    photos = [
        encoded(
            n,
            content=n % 9,
            id=f"{n}{text}",
            uri=text,
            caption=text,
            tags=(text, "t"),
            metadata={text: text},
        )
        for n, text in enumerate(texts)
    ]
    store.upsert(photos)
    assert store.get([encoded.photo.id for encoded in photos]) == {
        p.photo.id: StoredPhoto(p.photo, p.content_hash, p.width, p.height) for p in photos
    }
    for text in texts:
        same = [p.photo.id for p in photos if p.photo.caption == text]
        found = store.search(vector_of(0), 200, where=[Condition("caption", "=", text)])
        assert sorted(ids(found)) == sorted(same)
        assert store.count([Condition("uri", "!=", text)]) == len(photos) - len(same)
        tagged = store.search(vector_of(0), 200, where=[Condition("tags", "=", text)])
        assert set(ids(tagged)) >= set(same)
        assert len(tagged) < len(photos)
    assert set(store.known(p.photo.id for p in photos)) == {p.photo.id for p in photos}
    assert store.describe([p.photo for p in photos]) == len(photos)
    assert store.delete(p.photo.id for p in photos[:-1]) == len(photos) - 1
    assert store.count() == 1


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        (np.zeros(16, np.float32), "all zeros"),
        (np.ones(15, np.float32), "16 dimensions"),
        (np.ones((1, 16), np.float32), "16 dimensions"),
        (np.full(16, np.nan, np.float32), "not finite"),
        (np.array([np.inf] + [0] * 15, np.float32), "not finite"),
    ],
)
def test_vectors_that_point_nowhere_are_refused(
    store: PhotoStore, vector: np.ndarray, words: str
) -> None:
    store.upsert([encoded(1)])
    with pytest.raises(QueryError, match=words):
        store.search(vector, 1)
    bad = EncodedPhoto(photo(3), hash_of(3), 1, 1, vector, b"")
    with pytest.raises(StoreError, match=f"p00003.*{words}"):
        store.upsert([encoded(2), bad, encoded(4)])
    assert store.count() == 1


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_very_long_and_very_short_queries(store: PhotoStore, scale: float) -> None:
    store.upsert([encoded(1), encoded(2)])
    hit = store.search((vector_of(1) * np.float32(scale)).astype(np.float32), 1)[0]
    assert hit.stored.photo.id == "p00001"
    assert hit.score == pytest.approx(1, abs=1e-5)


def test_numbers_out_of_range_are_refused(store: PhotoStore) -> None:
    with pytest.raises(QueryError, match="top_k is 0"):
        store.search(vector_of(0), 0)
    with pytest.raises(QueryError, match="offset is -1"):
        store.search(vector_of(0), 1, offset=-1)


@pytest.mark.parametrize(
    "content_hash", ["", "../../../../etc/passwd", "F" * 32, "f" * 31, "f" * 33]
)
def test_content_hashes_are_hashes(store: PhotoStore, content_hash: str) -> None:
    with pytest.raises(StoreError, match="32 lower-case hex digits"):
        store.upsert([EncodedPhoto(photo(1), content_hash, 1, 1, vector_of(1), b"")])
    assert store.count() == 0


def test_the_caller_may_go_on_with_its_arrays(store: PhotoStore) -> None:
    photo = encoded(1)
    store.upsert([photo])
    photo.vector[:] = 0
    store.vectors(["p00001"])["p00001"][:] = 0
    assert np.array_equal(store.vectors(["p00001"])["p00001"], vector_of(1))


def test_a_photo_may_have_nothing_but_an_id(store: PhotoStore) -> None:
    bare = EncodedPhoto(Photo("x", ""), hash_of(0), 0, 0, vector_of(0), b"")
    store.upsert([bare])
    assert store.get(["x"])["x"].photo == bare.photo
    assert store.known(["x"])["x"].fingerprint == ""
