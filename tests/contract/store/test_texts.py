"""The text that was read in pictures: kept with its photo, found by its words, filtered by them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from photoseek.errors import QueryError
from photoseek.records import Condition, EncodedPhoto, PictureText, ReadText, TextLine
from photoseek.store import PhotoStore, parse_filter
from tests.support.stored_photos import all_but_vector, encoded, hash_of, ids, photo

READER = "reader 1"
BOX = ((0.1, 0.2), (0.5, 0.2), (0.5, 0.3), (0.1, 0.3))


def text(*lines: str, is_rough: bool = False) -> PictureText:
    return PictureText(READER, tuple(TextLine(each, 0.9, BOX) for each in lines), is_rough)


TEXTS = {
    1: text("SUMMER SALE", "50% off"),
    2: text("Été à Zürich", is_rough=True),
    3: text("出口", "欢迎光临"),
    4: text(),
}
FOUND = {
    "text = sale": [1],
    "text = Summer sale": [1],
    "text = off summer": [1],
    "text = sales": [],
    "text = summer zurich": [],
    "text = 50": [1],
    "text = été": [2],
    "text = Zurich": [2],
    "text = 出口": [3],
    "text = 欢迎光": [3],
    "text = 临": [3],
    "text = 光欢": [],
    'text in ["sale", "zürich"]': [1, 2],
    'text in ["summer zurich", "出口"]': [3],
    "text != sale": [2, 3, 4, 5],
    "text =": [4],
    "text !=": [1, 2, 3, 5],
    '{"not": {"field": "text", "op": "=", "value": "sale"}}': [2, 3, 4, 5],
    '{"any": [{"field": "text", "op": "=", "value": "sale off"}]}': [1],
}


@pytest.fixture
def filled(store: PhotoStore) -> PhotoStore:
    store.upsert([encoded(number) for number in range(1, 6)])
    read = {photo(n).id: ReadText(hash_of(n), each) for n, each in TEXTS.items()}
    assert store.add_texts(read) == len(read)
    return store


def test_texts_are_given_back(filled: PhotoStore) -> None:
    numbers = range(1, 6)
    found = filled.get(photo(number).id for number in numbers)
    assert [each.text for each in found.values()] == [TEXTS.get(number) for number in numbers]
    assert all(each.text == found[each.photo.id].text for each in filled.browse(5))
    copied = filled.encoded(found)
    assert {key: each.text for key, each in copied.items()} == {
        key: each.text for key, each in found.items()
    }


def test_texts_are_filtered_by_their_words(filled: PhotoStore) -> None:
    found = {
        asked: sorted(
            int(each.photo.id[1:]) for each in filled.browse(9, where=[parse_filter(asked)])
        )
        for asked in FOUND
    }
    assert found == FOUND


def test_keywords_find_texts(filled: PhotoStore) -> None:
    filled.upsert([encoded(6, caption="a sale of cars"), encoded(7, caption="cars")])
    assert {each.photo.id for each in filled.keywords("sale", 9)} == {"p00001", "p00006"}
    assert [each.photo.id for each in filled.keywords("zurich", 9)] == ["p00002"]
    assert [each.photo.id for each in filled.keywords("欢迎", 9)] == ["p00003"]


def test_all_else_stays_as_it_is(store: PhotoStore) -> None:
    store.upsert([replace(encoded(1, caption="a shop"), keep="original", original=b"whole")])
    store.upsert([encoded(2)])
    before = store.encoded(["p00001", "p00002"])
    store.add_texts({"p00001": ReadText(hash_of(1), TEXTS[1])})
    after = store.encoded(before)
    for photo_id, was in before.items():
        now = after[photo_id]
        assert all_but_vector(replace(now, text=None)) == all_but_vector(was)
        assert (now.vector == was.vector).all()
    assert ids_of(store.browse(2)) == ["p00002", "p00001"]
    assert store.original("p00001") == b"whole"
    assert store.thumbnail("p00001") == b"thumbnail of 1"


def test_a_new_description_keeps_the_text_and_new_bytes_do_not(filled: PhotoStore) -> None:
    filled.describe([photo(1, caption="a shop", version="2")])
    assert filled.get(["p00001"])["p00001"].text == TEXTS[1]
    assert [each.photo.id for each in filled.keywords("shop", 9)] == ["p00001"]
    filled.upsert([encoded(1, content="another picture")])
    assert filled.get(["p00001"])["p00001"].text is None
    assert filled.count([Condition("text", "=", "sale")]) == 0


def test_texts_of_other_bytes_and_of_unknown_photos_are_left_out(store: PhotoStore) -> None:
    store.upsert([encoded(1), encoded(2)])
    of_before = ReadText(hash_of("bytes of before"), TEXTS[1])
    given = {"p00001": of_before, "gone": of_before}
    assert store.add_texts(given) == store.add_texts({}) == 0
    assert store.get(["p00001"])["p00001"].text is None
    assert store.count() == 2
    both = given | {"p00002": ReadText(hash_of(2), TEXTS[2])}
    assert store.add_texts(both) == 1
    assert store.count([Condition("text", "=", "zurich")]) == 1


def test_a_photo_may_come_with_its_text(store: PhotoStore) -> None:
    given: EncodedPhoto = replace(encoded(1), text=TEXTS[3])
    store.upsert([given])
    assert store.get(["p00001"])["p00001"].text == TEXTS[3]
    assert ids(store.search(given.vector, 3, where=[Condition("text", "=", "欢迎")])) == ["p00001"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [("!?", "which has none"), (" ".join(f"w{n}" for n in range(40)), "at most 32"), (3, "text")],
)
def test_senseless_words(store: PhotoStore, value: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason):
        store.count([Condition("text", "=", value)])


def ids_of(found: object) -> list[str]:
    return [each.photo.id for each in found]  # type: ignore[attr-defined]
