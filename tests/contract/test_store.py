"""What every store promises, on each of them."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photoseek.errors import QueryError, StoreError
from photoseek.records import (
    Condition,
    EncodedPhoto,
    Facets,
    Hit,
    Keep,
    KnownPhoto,
    Photo,
    StoredPhoto,
    Traits,
)
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
    # A page far down, and a long one, are read in another way.
    assert store.search(query, 300)[:20] == store.search(query, 20)
    assert store.search(query, 5, offset=250) == store.search(query, 300)[250:255]
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


FILTERS = {
    "tags=beach": [1],
    "tags=BEACH": [1],
    "tags != Beach": [2, 3],
    "tags=bea": [],
    "tags = ÉTÉ": [2],
    "tags=e\u0301te\u0301": [2],
    'tags in ["SEA", "été", "nothing"]': [1, 2],
    'tags in ["sea"]': [1],
    "caption=Two words": [2],
    "caption != Two words": [1, 3],
    "caption=two words": [],
    "photographer=Ann": [1, 2],
    "photographer=": [3],
    "licence==CC0-1.0": [1],
    'licence in ["MIT", "CC0-1.0", "it\'s"]': [1, 2],
    'licence in ["cc0-1.0"]': [],
    'id in ["p00003", "p00001", "\\ud800"]': [1, 3],
    "source_url=https://e.org/?a=1&b<2": [3],
    "uri=/photos/2.jpg": [2],
    "id=p00003": [3],
    "width=1002": [2],
    "width!=1002": [1, 3],
    "width<1002": [1],
    "width<=1002": [1, 2],
    " width > 1002 ": [3],
    "width>=+1002": [2, 3],
    "height>-1": [1, 2, 3],
    "height < 99999999999999999999999999": [1, 2, 3],
    "height=99999999999999999999999999": [],
    "height>-99999999999999999999999999": [1, 2, 3],
    "colours = Red": [1],
    "colours != red": [2, 3],
    'colours in ["blue", "grey"]': [1, 2],
    "orientation = landscape": [1],
    "orientation != landscape": [2, 3],
    'orientation in ["portrait", "square"]': [2, 3],
    "taken = 2024": [1, 2],
    "taken = 2024-05-31": [2],
    "taken = 2024-05-31T23:59:58": [2],
    "taken != 2024-05": [1],
    "taken >= 2024-05": [2],
    "taken > 2024-05": [],
    "taken <= 2024-05-31": [1, 2],
    "taken < 2024-05-31": [1],
    "taken <= 9999": [1, 2],
    'taken in ["2023", "2024-04", "2025"]': [1],
}


def test_filters(store: PhotoStore) -> None:
    photos = [
        encoded(1, tags=("Beach", "sea", "BEACH"), photographer="Ann", licence="CC0-1.0"),
        encoded(2, tags=("été",), photographer="Ann", caption="Two words", licence="MIT"),
        encoded(3, source_url="https://e.org/?a=1&b<2"),
    ]
    traits = [
        Traits("#ff0000", ("red", "blue"), "0" * 16, "2024-04-30T12:00:00"),
        Traits("#808080", ("grey",), "f" * 16, "2024-05-31T23:59:58"),
        Traits(),
    ]
    heights = (500, 1002, 9999)  # wide, square, high
    changed = zip(photos, traits, heights, strict=True)
    store.upsert([replace(each, traits=its, height=height) for each, its, height in changed])
    wheres = {text: [parse_condition(text)] for text in FILTERS}
    found = {
        text: [int(i[1:]) for i in sorted(ids(store.search(vector_of(0), 10, where=where)))]
        for text, where in wheres.items()
    }
    assert found == FILTERS
    assert {text: store.count(where) for text, where in wheres.items()} == {
        text: len(numbers) for text, numbers in FILTERS.items()
    }
    assert store.get(["p00001"])["p00001"].traits == traits[0]
    assert store.describe([photo(1, caption="new")]) == 1
    assert store.get(["p00001"])["p00001"].traits == traits[0]


SENSELESS = [
    (Condition("colour", "=", "red"), "tags, id, uri"),
    (Condition("vector", "=", "1"), "photographer"),
    (Condition("id = id OR id", "=", "1"), "photographer"),
    (Condition("caption", ">", "a"), "= !="),
    (Condition("tags", "<=", "a"), "= !="),
    (Condition("width", "LIKE", 3), "< <= > >="),  # type: ignore[arg-type]
    (Condition("width", "=", "2000"), "whole numbers"),
    (Condition("width", "=", True), "whole numbers"),
    (Condition("width", "=", 1.5), "whole numbers"),  # type: ignore[arg-type]
    (Condition("width", "in", ("1",)), "cannot be filtered with 'in'"),
    (Condition("caption", "=", 3), "Give a text"),
    (Condition("caption", "=", ("a",)), "Give a text"),
    (Condition("caption", "in", "a"), "'in' needs a list of 1 to 1000 texts; got 'a'"),
    (Condition("tags", "in", ()), "'in' needs a list"),
    (Condition("tags", "in", ("a",) * 1001), "'in' needs a list"),
    (Condition("licence", "in", ("a", 3)), "Give a text"),  # type: ignore[arg-type]
    (Condition("orientation", "=", "wide"), "one of landscape, portrait, square; got 'wide'"),
    (Condition("orientation", "<", "square"), "Use one of = != in"),
    (Condition("taken", ">=", "May 2024"), "holds dates; got 'May 2024'. Give one such as 2024"),
    (Condition("taken", "=", "2024-02-30"), "holds dates"),
    (Condition("taken", "=", ""), "holds dates"),
    (Condition("taken", "=", 2024), "Give a text"),
]


def test_senseless_filters_are_refused(store: PhotoStore) -> None:
    always_false = Condition("caption", "=", "nothing")
    for condition, named in SENSELESS:
        for where in ([condition], [always_false, condition]):
            for ask in (
                lambda where: store.search(vector_of(0), 1, where=where),
                lambda where: store.keywords("a", 1, where=where),
                lambda where: store.browse(1, where=where),
                store.facets,
                store.count,
            ):
                with pytest.raises(QueryError, match=re.escape(named)):
                    ask(where)


def named(photos: list[StoredPhoto]) -> list[int]:
    return [int(stored.photo.id[1:]) for stored in photos]


def test_keywords_are_found_in_captions_and_tags(store: PhotoStore) -> None:
    photos = [
        encoded(1, caption="A red car at night", licence="MIT"),
        encoded(2, caption="Night, and a longer caption about other things", tags=("CAR", "red")),
        encoded(3, tags=("Café", "Straße")),
        encoded(4, caption="harbour"),
        encoded(5, caption="harbour", licence="MIT"),
        encoded(6),
    ]
    store.upsert(photos)
    assert named(store.keywords("car", 9)) == [1, 2]
    assert named(store.keywords("harbour RED", 9)) == [4, 5, 1, 2]
    assert named(store.keywords("harbour", 1)) == [4]
    assert named(store.keywords("harbour", 9, where=[parse_condition("licence=MIT")])) == [5]
    assert named(store.keywords("cafe", 9)) == named(store.keywords("CAFÉ", 9)) == [3]
    assert named(store.keywords("harb", 9)) == []
    assert store.keywords("café", 1) == [store.get(["p00003"])["p00003"]]
    for nothing in ("", "  \n", "?!", "\0", "\udc80", '""', "'"):
        assert store.keywords(nothing, 9) == []
    store.upsert([encoded(4, caption="mountain"), encoded(7, caption="harbour")])
    store.describe([photo(6, tags=("harbour",))])
    store.delete(["p00005"])
    assert sorted(named(store.keywords("harbour", 9))) == [6, 7]
    assert named(store.keywords("mountain", 9)) == [4]
    for text in ("car OR (", 'red" -night +"', "caption:car", "car~2^3*", "car " * 500):
        assert set(named(store.keywords(text, 9))) >= {1, 2}
    for text in hostile_texts(60)[-10 if store.location.startswith("s3://") else 0 :]:
        store.keywords(text, 3)
    with pytest.raises(QueryError, match="top_k is 0"):
        store.keywords("car", 0)


def test_keywords_of_equal_relevance_are_ordered_by_id(store: PhotoStore) -> None:
    store.upsert([encoded(n, content=n % 9, caption="one photo") for n in range(119, -1, -1)])
    assert named(store.keywords("photo", 7)) == list(range(7))
    assert named(store.keywords("photo one", 500)) == list(range(120))


def test_the_newest_come_first(store: PhotoStore) -> None:
    assert store.browse(5) == []
    store.upsert([encoded(number, content=0, licence="MIT") for number in (3, 1, 2)])
    store.upsert([encoded(number, content=0) for number in (0, 9)])
    store.upsert([encoded(2, content=0)])
    store.describe([photo(1, caption="new words")])
    assert named(store.browse(9)) == [2, 0, 9, 1, 3]
    assert named(store.browse(2, offset=1)) == [0, 9]
    assert named(store.browse(9, where=[parse_condition("licence=MIT")])) == [3]
    assert store.browse(1) == [store.get(["p00002"])["p00002"]]
    assert store.browse(9, offset=5) == []
    with pytest.raises(QueryError, match="offset is -1"):
        store.browse(1, offset=-1)


def test_facets_count_the_photos_of_a_set(store: PhotoStore) -> None:
    assert store.facets() == Facets()
    photos = [
        encoded(1, tags=("sea", "Sea", "", "\udc80"), licence="MIT", photographer="Ann"),
        encoded(2, tags=("sea", "Été"), licence="CC0-1.0", photographer="Bob"),
        encoded(3, tags=("SEA", "e\u0301te\u0301"), licence="MIT", photographer="Ann"),
        encoded(4),
    ]
    traits = [Traits(colours=("red", "blue"), taken="2024-01-01T00:00:00")] * 2
    traits += [Traits(colours=("blue",), taken="2023-01-01T00:00:00"), Traits()]
    sizes = zip(photos, traits, (500, 500, 1003, 2000), strict=True)
    store.upsert([replace(each, traits=its, height=height) for each, its, height in sizes])
    assert store.facets() == Facets(
        total=4,
        tags=(("sea", 3), ("e\u0301te\u0301", 2), ("\udc80", 1)),
        licence=(("MIT", 2), ("CC0-1.0", 1)),
        photographer=(("Ann", 2), ("Bob", 1)),
        orientation=(("landscape", 2), ("portrait", 1), ("square", 1)),
        colours=(("blue", 3), ("red", 2)),
        years=(("2024", 2), ("2023", 1)),
    )
    some = store.facets([parse_condition("licence=MIT"), parse_condition("taken >= 2024")])
    assert (some.total, some.tags, some.years) == (1, (("sea", 1), ("\udc80", 1)), (("2024", 1),))
    assert store.facets([parse_condition("id=nobody")]) == Facets()
    many = [encoded(n, content=0, tags=(f"t{n}", "all"), photographer=f"P{n}") for n in range(99)]
    store.upsert(many)
    facets = store.facets([parse_condition("tags=all")])
    assert facets.tags == (
        ("all", 99),
        *((tag, 1) for tag in sorted(f"t{n}" for n in range(99))[:49]),
    )
    assert facets.photographer == tuple((p, 1) for p in sorted(f"P{n}" for n in range(99))[:50])


def test_a_sample_comes_from_all_over_the_index(store: PhotoStore) -> None:
    assert store.sample(5).shape == (0, 16)
    for start in range(0, 90, 30):
        store.upsert([encoded(number, content=0) for number in range(start, start + 30)])
    store.delete([f"p{number:05}" for number in range(10, 20)])
    sample = store.sample(40)
    assert sample.shape == (40, 16)
    assert sample.dtype == np.float32
    assert np.array_equal(sample, store.sample(40))
    every = {vector.tobytes(): int(i[1:]) for i, vector in store.vectors(IDS_TO_90).items()}
    drawn = sorted(every[vector.tobytes()] for vector in sample)
    assert len(set(drawn)) == 40
    assert [sum(start <= n < start + 30 for n in drawn) for start in (0, 30, 60)] == [10, 15, 15]
    assert len(store.sample(1000)) == 80
    with pytest.raises(QueryError, match="is 0"):
        store.sample(0)


IDS_TO_90 = [f"p{number:05}" for number in range(90)]


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
