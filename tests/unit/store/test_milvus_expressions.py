"""Filters in the words of Milvus: where one is, and that no text of a stranger stands in one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from photoseek.errors import StoreError, StoreVersionError
from photoseek.records import AllOf, AnyOf, Condition, Not, Operator, StoredPhoto, Traits
from photoseek.store import canonical
from photoseek.store.milvus.milvus_expressions import expression_of, key_of_id, marks_of
from photoseek.store.milvus.milvus_rows import LONGEST_TEXT, model_of, properties_of, words_column
from photoseek.store.record_json import stored_of
from tests.support.hostile_text import hostile_texts
from tests.support.stored_photos import MODEL, encoded

OURS = re.compile(
    r"(?:key|marks|width|height|taken|array_contains_any|not|and|or|in"
    r'|==|!=|<=|>=|<|>|-?\d+|"[0-9a-f]{32}"|"[\dT:-]*~?"|[(),\[\] ])*'
)


@pytest.mark.parametrize("operator", ["=", "!=", "in"])
def test_no_text_of_a_stranger_stands_in_an_expression(operator: Operator) -> None:
    for text in hostile_texts(200):
        value = (text, "x") if operator == "in" else text
        for name in ("id", "tags", "caption", "uri", "content_hash", f"metadata.{text}", text):
            if name in ("width", "height", "orientation", "taken"):
                continue
            condition = Condition(name, operator, value)
            tree = AnyOf((Not(condition), AllOf((condition, Condition("width", ">", -1)))))
            assert OURS.fullmatch(expression_of([tree, Condition("taken", ">=", "2024-05")]))


def test_each_id_has_a_key_of_one_length() -> None:
    texts = hostile_texts(60)
    keys = {key_of_id(text) for text in texts}
    assert len(keys) == len(set(texts))
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)


def test_marks_tell_fields_and_values_apart() -> None:
    def marks(**fields: Any) -> set[int]:
        return set(marks_of(StoredPhoto(encoded(1, **fields).photo, "0" * 32, 1, 1)))

    bare = marks()
    assert marks(caption="a") - bare
    assert not (marks(caption="a") & marks(photographer="a")) - bare
    assert not (marks(metadata={"caption": "a"}) & marks(caption="a")) - bare
    assert marks(tags=("É",)) == marks(tags=("e\u0301",))
    assert all(0 <= mark < 2**63 for mark in marks(metadata={t: t for t in hostile_texts(60)}))


def test_words_are_cut_between_words() -> None:
    stored = stored_of(encoded(1, caption="brücke " * 20_000))
    words = words_column(stored, ())
    assert len(words.encode()) <= LONGEST_TEXT
    assert set(words.split(" ")) == {"brucke"}
    short = replace(stored, photo=encoded(1, caption="A Brücke").photo, traits=Traits())
    assert words_column(short, ()) == "a brucke 1", "the name of its file is 1.jpg"


@pytest.mark.parametrize(
    ("location", "spelling"),
    [
        ("milvus://Photos.example/photos", "milvus://photos.example:19530/photos"),
        ("MILVUS+HTTPS://host:443/a_1/", "milvus+https://host:443/a_1"),
        ("milvus://[::1]:19531/photos", "milvus://[::1]:19531/photos"),
    ],
)
def test_a_location_has_one_spelling(location: str, spelling: str) -> None:
    assert canonical(location) == spelling


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("milvus://host", "The name of a collection has letters"),
        ("milvus://host:19530/a-b", "The name of a collection has letters"),
        ("milvus://host/a/b", "The name of a collection has letters"),
        ("milvus:photos", "is at milvus://HOST:PORT/COLLECTION"),
        ("milvus://host:x/photos", "is at milvus://HOST:PORT/COLLECTION"),
        ("milvus://host/photos?x=1", "is at milvus://HOST:PORT/COLLECTION"),
        ("milvus://root:secret@host/photos", "into PHOTOSEEK_ENGINE_USER"),
    ],
)
def test_a_location_without_sense_is_refused(location: str, words: str) -> None:
    from photoseek.store.registry import engine_of

    with pytest.raises(StoreError, match=words) as refused:
        engine_of(location).canonical(location)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("said", ["", "photos", "{}", "[]", '{"format": 1}', "null"])
def test_a_collection_of_something_else_is_refused(said: str) -> None:
    for properties in ({"photoseek": said}, {"ttl": said}):
        with pytest.raises(StoreError, match="something else has made"):
            model_of(properties, "milvus://host:19530/photos")


def test_a_collection_of_another_version_is_refused() -> None:
    properties = {key: text.replace("1", "2", 1) for key, text in properties_of(MODEL).items()}
    with pytest.raises(StoreVersionError, match="format 2; this photoseek reads 1"):
        model_of(properties, "milvus://host:19530/photos")
