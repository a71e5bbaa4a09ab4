"""What stays of a photo that is indexed again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from photoseek.records import EncodedPhoto, PictureText, StoredPhoto, TextLine, Traits
from photoseek.store.lazy import LazyStore
from photoseek.store.suggestions import suggest
from tests.support.stored_photos import MODEL, encoded, hash_of

TEXT = PictureText("reader 1", (TextLine("EXIT", 0.9, ((0.1, 0.1),) * 4),))


def get(store: LazyStore) -> dict[str, StoredPhoto]:
    nothing: dict[str, StoredPhoto] = {}
    return store.read(lambda there: there.get([f"p{n:05}" for n in range(5)]), nothing)


def test_text_and_suggested_keywords_stay_with_the_bytes_that_have_them(tmp_path: Path) -> None:
    store = LazyStore(f"memory:{tmp_path}")

    def write(*photos: EncodedPhoto) -> None:
        store.write_photos(photos, [], MODEL)

    write(replace(encoded(1), text=TEXT), encoded(2), encoded(3))
    seen = {f"p{n:05}": (hash_of(n), ("dog", "animal")) for n in (1, 2, 3)}
    assert store.read(lambda there: suggest(there, seen), 0) == 3
    again = replace(encoded(2), traits=Traits(camera="Canon"))
    own = replace(encoded(3), traits=Traits(suggested=("cat",)))
    write(encoded(1), again, own, encoded(4))
    found = get(store)
    traits = {int(key[1:]): stored.traits for key, stored in found.items()}
    assert traits[1] == Traits(suggested=("dog", "animal"))
    assert traits[2] == Traits(camera="Canon", suggested=("dog", "animal"))
    assert traits[3].suggested == ("cat",), "what comes with it goes before"
    assert traits[4] == Traits()
    assert found["p00001"].text == TEXT
    write(replace(encoded(1), content_hash=hash_of("other bytes")))
    stored = get(store)["p00001"]
    assert (stored.traits.suggested, stored.text) == ((), None)
