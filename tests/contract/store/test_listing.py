"""What every store promises of keywords, the newest photos, facets and samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from photoseek.errors import QueryError, SettingsError
from photoseek.records import (
    Condition,
    Counts,
    Facets,
    StoredPhoto,
    Traits,
)
from photoseek.store import PhotoStore, parse_condition
from photoseek.store.fulltext import checked_fields
from photoseek.store.own_columns import check_names
from tests.support.hostile_text import hostile_texts
from tests.support.stored_photos import encoded, photo

IDS_TO_90 = [f"p{number:05}" for number in range(90)]


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


WITHOUT_SPACES = {
    1: "红色汽车停在路边",
    2: "赤い車が道に停まっている",
    3: "길가에 주차된 빨간 자동차가",
    4: "รถสีแดงจอดอยู่ริมถนน",
    5: "سيارة حمراء في الشارع",
    6: "नमस्ते दुनिया",
    7: "Kräuter und Möhren; don't stop",
}


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        *(("汽车", 1), ("路边", 1), ("車", 2), ("停まって", 2), ("자동차", 3), ("자", 3)),
        *(
            ("รถ", 4),
            ("สีแดง", 4),
            ("سيارة", 5),
            ("दुनिया", 6),
            ("mohren", 7),
            ("don't", 7),
            ("don\u2019t", 7),
        ),
    ],
)
def test_keywords_are_found_where_words_have_no_spaces(
    store: PhotoStore, asked: str, number: int
) -> None:
    store.upsert([encoded(n, caption=text) for n, text in WITHOUT_SPACES.items()])
    assert named(store.keywords(asked, 1)) == [number]
    assert store.keywords("犬", 9) == []


def test_words_of_files_and_folders_are_found(store: PhotoStore) -> None:
    names = {
        1: ("/pictures/Travel/Italy2024/RedCar_IMG1234.jpg", "Travel/Italy2024"),
        2: ("https://e.org/a/photo-1515378791036-0648a3ef77b2?w=9", "e.org/a"),
        3: ("/pictures/Été à Köln.jpeg", ""),
        4: (f"/uploads/{'ab' * 16}.jpg", ""),
    }
    store.upsert([encoded(n, uri=uri, folder=folder) for n, (uri, folder) in names.items()])
    for asked in ("car", "redcar", "1234", "img1234", "italy", "TRAVEL"):
        assert named(store.keywords(asked, 9)) == [1], asked
    for asked in ("0648a3ef77b2", "photo"):
        assert named(store.keywords(asked, 9)) == [2], asked
    assert named(store.keywords("ete koln", 9)) == [3]
    for asked in ("jpg", "pictures", "uploads", "ab" * 16):
        assert store.keywords(asked, 9) == [], asked


def test_keywords_of_equal_relevance_are_ordered_by_id(store: PhotoStore) -> None:
    store.upsert([encoded(n, content=n % 9, caption="one photo") for n in range(119, -1, -1)])
    assert named(store.keywords("photo", 7)) == list(range(7))
    assert named(store.keywords("photo one", 500)) == list(range(120))


def test_words_of_further_fields_are_found_when_somebody_says_so(store: PhotoStore) -> None:
    store.upsert(
        [
            encoded(1, caption="a harbour", metadata={"project": "Été, harbour", "client": "ACME"}),
            encoded(2, tags=("harbour",), photographer="Ann Berg", metadata={"project": ""}),
            encoded(3),
        ]
    )
    assert store.use_keyword_fields(()) == 0
    assert named(store.keywords("ete acme berg", 9)) == []
    fields = checked_fields(["project", "metadata.client", "caption", "photographer", "project"])
    assert fields == ("project", "client", "photographer")
    assert store.use_keyword_fields(fields) == 2
    assert store.use_keyword_fields(fields) == 0
    assert store.keyword_fields == store.status().keyword_fields == fields
    assert named(store.keywords("ete", 9)) == named(store.keywords("acme", 9)) == [1]
    assert sorted(named(store.keywords("berg acme", 9))) == [1, 2]
    assert named(store.keywords("harbour", 9, where=[parse_condition("project = ")])) == [2]
    store.maintain()
    # Whoever writes goes by what was said.
    store.upsert([encoded(4, metadata={"client": "acme"}), encoded(1, content="new")])
    store.describe([photo(3, metadata={"project": "acme spring"})])
    assert sorted(named(store.keywords("acme", 9))) == [3, 4]
    assert named(store.keywords("berg", 9)) == [2]
    vectors = store.vectors(["p00002"])
    assert store.use_keyword_fields(("client", "nobody")) == 2
    assert named(store.keywords("acme", 9)) == [4]
    assert store.keywords("berg spring", 9) == []
    assert named(store.keywords("harbour", 9)) == [2]
    assert store.use_keyword_fields(()) == 1
    assert store.keywords("acme", 9) == []
    assert not store.keyword_fields
    assert np.array_equal(store.vectors(["p00002"])["p00002"], vectors["p00002"])
    assert store.count() == 4


def test_words_of_hostile_fields_are_found(store: PhotoStore) -> None:
    texts = [text for text in hostile_texts(20) if text]
    own = [{text: f"word{n}"} for n, text in enumerate(texts)]
    store.upsert([encoded(n, content=0, metadata=each) for n, each in enumerate(own)])
    names = checked_fields(texts)
    store.use_keyword_fields(names)
    assert store.keyword_fields == names
    assert named(store.keywords("word7", 9)) == [7]
    assert store.use_keyword_fields(names) == 0


@pytest.mark.parametrize("name", ["width", "taken", "height"])
def test_a_field_without_words_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"names {name}, which has no words. Name columns"):
        checked_fields(["project", name])


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
        counts={
            "tags": (("sea", 3), ("e\u0301te\u0301", 2), ("\udc80", 1)),
            "licence": (("MIT", 2), ("CC0-1.0", 1)),
            "photographer": (("Ann", 2), ("Bob", 1)),
            "orientation": (("landscape", 2), ("portrait", 1), ("square", 1)),
            "colours": (("blue", 3), ("red", 2)),
            "years": (("2024", 2), ("2023", 1)),
        },
    )
    some = store.facets([parse_condition("licence=MIT"), parse_condition("taken >= 2024")])
    assert some.total == 1
    assert some.counts["tags"] == (("sea", 1), ("\udc80", 1))
    assert some.counts["years"] == (("2024", 1),)
    assert store.facets([parse_condition("id=nobody")]) == Facets()
    store.delete([each.photo.id for each in photos])
    assert store.facets() == Facets()
    many = [encoded(n, content=0, tags=(f"t{n}", "all"), photographer=f"P{n}") for n in range(99)]
    store.upsert(many)
    facets = store.facets([parse_condition("tags=all")])
    assert facets.counts["tags"] == (
        ("all", 99),
        *((tag, 1) for tag in sorted(f"t{n}" for n in range(99))[:49]),
    )
    assert facets.counts["photographer"] == tuple(
        (p, 1) for p in sorted(f"P{n}" for n in range(99))[:50]
    )


def own_facets(facets: Facets) -> dict[str, Counts]:
    return {name: counts for name, counts in facets.counts.items() if name.startswith("metadata.")}


def test_columns_of_a_manifest_with_few_values_are_counted(store: PhotoStore) -> None:
    store.upsert(
        [
            encoded(
                n,
                content=0,
                licence="MIT" if n % 2 else "CC0-1.0",
                metadata={
                    "project": "Spring" if n < 40 else "été",
                    "client": "" if n % 4 else f"C{n % 8}",
                    "year": str(2000 + n % 51),  # one too many
                    "month": f"{n % 50}",
                    "file": f"IMG_{n}",
                    "nearly": f"{max(n, 20)}",
                    "note": "long " * 41,
                },
            )
            for n in range(120)
        ]
    )
    facets = store.facets()
    assert list(own_facets(facets)) == ["metadata.client", "metadata.month", "metadata.project"]
    assert facets.counts["metadata.project"] == (("été", 80), ("Spring", 40))
    assert facets.counts["metadata.client"] == (("C0", 15), ("C4", 15))
    assert len(facets.counts["metadata.month"]) == 50
    assert facets.counts["metadata.month"][0] == ("0", 3)
    assert store.own_columns() == (
        *("file", "month", "nearly", "note", "project", "year"),
        "client",
    )
    # What makes a facet is the same whatever is filtered.
    few = own_facets(store.facets([parse_condition("month = 7")]))
    assert few == {
        "metadata.month": (("7", 3),),
        "metadata.project": (("été", 2), ("Spring", 1)),
    }
    both = store.facets([parse_condition("project = Spring"), parse_condition("licence = MIT")])
    assert own_facets(both)["metadata.project"] == (("Spring", 20),)
    assert own_facets(store.facets([parse_condition("project = nothing")])) == {}
    store.describe([photo(n, metadata={"project": "Spring"}) for n in range(120)])
    assert own_facets(store.facets()) == {"metadata.project": (("Spring", 120),)}
    store.delete([f"p{n:05}" for n in range(1, 120)])
    assert own_facets(store.facets()) == {}, "one photo has nothing in common with others"


def test_facets_of_hostile_columns_are_bounded(store: PhotoStore) -> None:
    texts = [text for text in hostile_texts(40) if text]
    own = {text: text for text in texts} | {"": "nameless", " ": "blank"}
    store.upsert([encoded(n, content=0, metadata=own) for n in range(3)])
    facets = store.facets()
    few = own_facets(facets)
    fit = sorted(text for text in texts if text.strip() and len(text) <= 200)[:20]
    assert few == {f"metadata.{text}": ((text, 3),) for text in fit}
    assert set(store.own_columns()) == own.keys()
    for name, [(value, count)] in few.items():
        assert store.count([Condition(name, "=", value)]) == count
        assert own_facets(store.facets([Condition(name, "=", value)])) == few
    store.upsert(
        [
            encoded(n, content=0, metadata={f"{n}-{i}": "x" * 100 for i in range(1000)})
            for n in range(10, 14)
        ]
    )
    assert len(store.own_columns()) == 1000
    assert len(own_facets(store.facets())) <= 20
    check_names([Condition("13-999", "=", "x"), Condition("10-0", "=", "x")], store)
    with pytest.raises(QueryError, match="no column '14-0'"):
        check_names([Condition("14-0", "=", "x")], store)


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
