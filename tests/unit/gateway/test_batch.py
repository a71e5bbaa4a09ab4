"""Photos that come in a batch: one that cannot be used leaves the others alone."""

from __future__ import annotations

from typing import Any

import pytest

from photoseek.gateway.routes.batch import read_photos
from photoseek.records import Photo

GOOD = {"id": "a", "uri": "/a.jpg", "tags": ["x"], "metadata": {"k": "v"}, "keep": "original"}


def test_a_photo_is_read_whole() -> None:
    [entry] = read_photos([GOOD | {"known_hash": "0" * 32, "caption": "a\x00b"}])
    assert entry.photo == Photo("a", "/a.jpg", caption="a b", tags=("x",), metadata={"k": "v"})
    assert (entry.known_hash, entry.keep, entry.error) == ("0" * 32, "original", "")


@pytest.mark.parametrize(
    ("given", "whose", "reason"),
    [
        (3, ("", ""), "Give an object"),
        ({}, ("", ""), "id: It is missing; uri: It is missing."),
        (GOOD | {"uri": 7}, ("a", ""), "uri: Give a text."),
        (GOOD | {"id": ""}, ("", "/a.jpg"), "the id is empty."),
        (GOOD | {"id": "a\n"}, ("a\n", "/a.jpg"), "cannot be used."),
        (GOOD | {"caption": "x" * 100_001}, ("a", "/a.jpg"), "are kept. Shorten it."),
        (GOOD | {"known_hash": "x" * 65}, ("a", "/a.jpg"), "known_hash: Give 64 characters"),
        (GOOD | {"known_hash": "é"}, ("a", "/a.jpg"), "its known_hash is none."),
        (GOOD | {"keep": "all"}, ("a", "/a.jpg"), "keep: Give 'none', 'thumbnail'"),
        (GOOD | {"colour": "red"}, ("a", "/a.jpg"), "colour: Extra inputs are not permitted."),
    ],
)
def test_what_is_wrong_with_one_is_its_own(given: Any, whose: tuple[str, str], reason: str) -> None:
    wrong, good = read_photos([given, GOOD | {"id": "b"}])
    assert not good.error
    assert (wrong.photo.id, wrong.photo.uri) == whose
    assert wrong.error.startswith("The photo is left out: ")
    assert reason in wrong.error


def test_of_several_with_one_id_the_first_counts() -> None:
    first, second = read_photos([GOOD, GOOD | {"uri": "/b.jpg"}])
    assert not first.error
    assert second.error == "The photo is left out: another one in this batch has the id a."
