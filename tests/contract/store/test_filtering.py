"""What every store promises of filters."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from photoseek.errors import QueryError
from photoseek.records import AllOf, AnyOf, Condition, Filter, Not, Traits
from photoseek.store import PhotoStore, parse_condition
from photoseek.store.filters import MAX_DEPTH
from photoseek.store.own_columns import check_names
from tests.support.stored_photos import encoded, ids, photo, vector_of

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
    "caption=gr\u00fcn": [3],
    "caption=gru\u0308n": [3],
    "caption!=gr\u00fcn": [1, 2],
    'caption in ["gr\u00fcn", "Two words"]': [2, 3],
    "metadata.place=K\u00f6ln": [3],
    "metadata.place=Ko\u0308ln": [3],
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

SENSELESS = [
    (Condition("project", ">", "a"), "= !="),
    (Condition("project", "=", 3), "Give a text"),
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


def test_filters(store: PhotoStore) -> None:
    photos = [
        encoded(1, tags=("Beach", "sea", "BEACH"), photographer="Ann", licence="CC0-1.0"),
        encoded(2, tags=("été",), photographer="Ann", caption="Two words", licence="MIT"),
        encoded(
            3,
            source_url="https://e.org/?a=1&b<2",
            caption="gru\u0308n",
            metadata={"place": "Ko\u0308ln"},
        ),
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
    assert {text: store.facets(where).total for text, where in wheres.items()} == {
        text: len(numbers) for text, numbers in FILTERS.items()
    }
    assert store.get(["p00001"])["p00001"].traits == traits[0]
    assert store.describe([photo(1, caption="new")]) == 1
    assert store.get(["p00001"])["p00001"].traits == traits[0]


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


RED, BLUE = Condition("tags", "=", "red"), Condition("tags", "=", "blue")
WIDE = Condition("width", ">", 1002)
TREES: list[tuple[Filter, list[int]]] = [
    (AllOf((RED, BLUE)), [3]),
    (AnyOf((RED, BLUE)), [1, 2, 3]),
    (Not(RED), [2, 4]),
    (Not(AnyOf((RED, WIDE))), [2]),
    (AllOf((WIDE, Not(AllOf((RED, BLUE))))), [4]),
    (AnyOf((AllOf((RED, Not(BLUE))), AllOf((BLUE, Not(RED))))), [1, 2]),
    (Not(Condition("taken", "=", "2024")), [1, 2, 3, 4]),
    (AllOf(()), [1, 2, 3, 4]),
    (AnyOf(()), []),
    (Not(AnyOf(())), [1, 2, 3, 4]),
    (AnyOf((AnyOf(()), RED)), [1, 3]),
]


def test_filters_are_trees(store: PhotoStore) -> None:
    tags = (("red",), ("Blue",), ("RED", "blue"), ())
    store.upsert([encoded(n, tags=each) for n, each in enumerate(tags, start=1)])
    for tree, numbers in TREES:
        found = sorted(int(i[1:]) for i in ids(store.search(vector_of(0), 9, where=[tree])))
        assert found == numbers, tree
        assert store.count([tree]) == len(numbers)
        assert store.facets([tree]).total == len(numbers)
    assert store.count([AnyOf((RED, BLUE)), WIDE]) == 1


def test_filters_that_are_too_much_are_refused(store: PhotoStore) -> None:
    deep: Filter = RED
    for _ in range(MAX_DEPTH):
        deep = Not(deep)
    with pytest.raises(QueryError, match="more than 8 deep"):
        store.count([deep])
    with pytest.raises(QueryError, match="more than 256 conditions"):
        store.count([AnyOf((RED,) * 200), AllOf((RED,) * 57)])
    assert store.count([AnyOf((RED,) * 200), AllOf((RED,) * 56)]) == 0
    with pytest.raises(QueryError, match="colour cannot be filtered with '>'"):
        store.count([AnyOf((RED, Not(Condition("colour", ">", "red"))))])


OWN = [
    ({"project": "spring", "client": 'it\'s "ours"'}, 1),
    ({"client": "spring", "pro": "ject", 'a,"project': "spring", "project ": "spring"}, 2),
    ({"note": ',"project":"spring"', "project": "été 100%_\\"}, 3),
    ({"content_hash": "x", "}": "}"}, 4),
    ({}, 5),
]
OF_OWN = [
    (("project", "=", "spring"), [1]),
    (("project", "!=", "spring"), [2, 3, 4, 5]),
    (("project", "in", ("spring", "été 100%_\\")), [1, 3]),
    (("project", "=", ""), [2, 4, 5]),
    (("project", "!=", ""), [1, 3]),
    (("Project", "=", "spring"), []),
    (("client", "=", 'it\'s "ours"'), [1]),
    (("content_hash", "=", "x"), [4]),
    (("content_hash", "!=", ""), [4]),
    (("}", "=", "}"), [4]),
    (('a,"project', "=", "spring"), [2]),
    (("size", "=", ""), [1, 2, 3, 4, 5]),
    (("caption", "=", "words"), []),
]


def test_columns_of_a_manifest_are_fields_as_well(store: PhotoStore) -> None:
    store.upsert([encoded(n, caption="words", metadata=own) for own, n in OWN])
    for (name, operator, value), numbers in OF_OWN:
        where = [Condition(f"metadata.{name}", operator, value)]  # type: ignore[arg-type]
        found = sorted(int(i[1:]) for i in ids(store.search(vector_of(0), 9, where=where)))
        assert found == numbers, (name, operator, value)
        assert store.count(where) == len(numbers)
        if not name.startswith("content") and name not in ("caption", "size"):
            bare = Condition(name, operator, value)  # type: ignore[arg-type]
            assert store.count([bare]) == len(numbers), bare
    assert store.count([parse_condition("metadata.project = spring")]) == 1
    assert store.count([parse_condition("project = spring")]) == 1
    with pytest.raises(QueryError, match="metadata.project cannot be filtered with '<'"):
        store.count([Condition("metadata.project", "<", "a")])


def test_a_name_that_no_photo_has_is_refused(store: PhotoStore) -> None:
    nobody = Condition("clients", "=", "x")
    check_names([nobody], store)  # an empty index knows no columns yet
    store.upsert([encoded(1)])
    with pytest.raises(QueryError, match="no column 'clients' .* no photo has columns of a"):
        check_names([nobody], store)
    store.upsert([encoded(n, metadata=own) for own, n in OWN])
    assert store.own_columns()[:2] == ("client", "project")
    assert set(store.own_columns()) == {name for own, _ in OWN for name in own}
    for name in (*store.own_columns(), "licence", "metadata.nobody", "metadata."):
        check_names([Not(AnyOf((RED, Condition(name, "=", "x"))))], store)
    with pytest.raises(
        QueryError, match=re.escape("mean client? There are tags, suggested, folder, id, ")
    ):
        check_names([RED, AllOf((Not(nobody),))], store)
    for name in ("licnse", "", "Project", "vector", "id = id OR id", "'", "\0", "\udc80"):
        with pytest.raises(QueryError, match="There is no column '"):
            check_names([Condition(name, "=", "x")], store)
    store.delete(["p00001", "p00002"])
    with pytest.raises(QueryError, match="no column 'client' "):
        check_names([Condition("client", "=", "spring")], store)


def test_a_folder_is_found_with_all_that_lies_below_it(store: PhotoStore) -> None:
    folders = ("Travel", "Travel/Italy", "travel/Italy/Rome/2024", "Travels", "", "e.org/a/b")
    store.upsert([encoded(n, folder=folder) for n, folder in enumerate(folders)])

    def found(text: str) -> set[int]:
        hits = store.search(vector_of(1), 9, where=[parse_condition(text)])
        return {int(photo_id[1:]) for photo_id in ids(hits)}

    assert found("folder = Travel") == {0, 1, 2}
    assert found("folder = /travel/italy/") == found("folder = Travel\\Italy") == {1, 2}
    assert found("folder = Travel/Italy/Rome") == {2}
    assert found("folder != Travel") == {3, 4, 5}
    assert found('folder in ["Travels", "e.org"]') == {3, 5}
    assert found("folder = Ital") == found("folder = Italy") == found("folder = ") == set()
    facets = store.facets().counts["folder"]
    assert facets == (
        *(("Travel", 3), ("Travel/Italy", 2)),
        *(("Travels", 1), ("e.org", 1), ("e.org/a", 1)),
    )
    assert store.get(["p00002"])["p00002"].photo.folder == "travel/Italy/Rome/2024"
    deep = "/".join(["d"] * 900)
    store.describe([photo(4, folder=deep)])
    assert found(f"folder = {deep}") == {4}
