"""What is written about stored photos brings none back that others delete just then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from photoseek.records import PictureText, ReadText, StoredPhoto, Traits
from photoseek.store import PhotoStore, open_store
from photoseek.store.retelling import retell
from photoseek.store.suggestions import suggest
from tests.support.stored_photos import MODEL, encoded

ONE, TWO, THREE = "p00001", "p00002", "p00003"
TEXT = PictureText("reader", ())


def suggest_dogs(store: PhotoStore) -> int:
    hashes = {key: each.content_hash for key, each in store.known([ONE, TWO, THREE]).items()}
    return suggest(store, {key: (each, ("dog",)) for key, each in hashes.items()})


def retell_cameras(store: PhotoStore) -> int:
    return retell(store, dict.fromkeys([ONE, TWO, THREE], Traits(camera="Leica")))


@pytest.mark.parametrize("write", [suggest_dogs, retell_cameras])
@pytest.mark.parametrize("form", ["{}/index", "memory:{}"])
@pytest.mark.parametrize("read", ["get", "encoded"])
def test_what_others_delete_or_change_meanwhile_is_as_they_leave_it(
    read: str,
    form: str,
    write: Callable[[PhotoStore], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = open_store(form.format(tmp_path), MODEL)
    store.upsert([encoded(number) for number in (1, 2, 3)])
    newer = replace(encoded(2), content_hash="e" * 32, vector=encoded(4).vector)
    before: Callable[[Iterable[str]], Any] = getattr(store, read)

    came: list[str] = []

    def others_come() -> None:
        came.append("others")
        monkeypatch.undo()
        assert store.delete([ONE]) == 1
        store.upsert([newer])
        store.add_texts({THREE: ReadText(encoded(3).content_hash, TEXT)})

    def read_and_others_come(ids: Iterable[str]) -> object:
        found = before(ids)
        others_come()
        return found

    monkeypatch.setattr(store, read, read_and_others_come)
    changed = write(store)
    if not came:  # nothing was read in that way
        others_come()
    assert set(store.known([ONE, TWO, THREE])) == {TWO, THREE}
    assert store.known([TWO])[TWO].content_hash == "e" * 32
    assert store.vectors([TWO])[TWO].tobytes() == newer.vector.tobytes()
    stored = store.get([THREE])[THREE]
    assert stored.text == TEXT
    assert (stored.traits.suggested, stored.traits.camera) in {(("dog",), ""), ((), "Leica")}
    assert 1 <= changed <= 3


def test_what_two_write_into_a_bucket_at_once_is_both_there(bucket: str) -> None:
    location = f"{bucket}/index"
    one, other = open_store(location, MODEL), open_store(location, MODEL)
    one.upsert([encoded(number) for number in (1, 2, 3)])
    other.catch_up()
    newer = replace(encoded(2), content_hash="e" * 32, vector=encoded(4).vector)
    asked: list[str] = []

    def described(stored: StoredPhoto) -> StoredPhoto:
        asked.append(stored.photo.id)
        if len(asked) == 3:  # all are read, and none is written
            other.add_texts({ONE: ReadText(encoded(1).content_hash, TEXT)})
            other.upsert([newer])
        return replace(stored, photo=replace(stored.photo, caption="new"))

    assert one.revise([ONE, TWO, THREE], described) == 2
    assert asked == [ONE, TWO, THREE, ONE]
    other.catch_up()
    found = other.get([ONE, TWO, THREE])
    assert found[ONE].text == TEXT
    assert [found[each].photo.caption for each in (ONE, TWO, THREE)] == ["new", "", "new"]
    assert found[TWO].content_hash == "e" * 32
