"""What every store promises to who copies it: all ids, photos as they were given, their times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from photoseek.records import EncodedPhoto, Photo, PictureText, ReadText, Traits
from photoseek.store import PhotoStore, open_store
from photoseek.store.same_bytes import CONTENTS_AT_ONCE, ids_of_contents
from tests.support.hostile_text import HOSTILE
from tests.support.stored_photos import all_but_vector, encoded, hash_of, photo

YESTERDAY = datetime(2024, 5, 1, 12, 30, 15, 123_457, UTC)


def bare(number: int) -> EncodedPhoto:
    found: EncodedPhoto = replace(encoded(number), keep="none", thumbnail=b"")
    return found


def test_an_empty_store_has_no_ids(store: PhotoStore) -> None:
    assert list(store.ids()) == []
    assert store.encoded(["nobody"]) == store.encoded([]) == {}


def test_all_ids_are_given_once(store: PhotoStore) -> None:
    store.upsert([bare(number) for number in range(2_300)])
    store.upsert([bare(number) for number in range(50)])
    store.describe([photo(number, caption="new") for number in range(40, 90)])
    store.delete([f"p{number:05}" for number in range(100, 200)])
    expected = [f"p{number:05}" for number in range(2_300) if not 100 <= number < 200]
    lists = list(store.ids())
    assert sorted(each for ids in lists for each in ids) == expected
    assert max(map(len, lists)) <= 10_000
    by_page = PhotoStore.ids(store)
    assert sorted(each for ids in by_page for each in ids) == expected


def test_photos_come_out_as_they_went_in(store: PhotoStore) -> None:
    traits = Traits("#aabbcc", ("red", "grey"), "0f" * 8, "2024-05-01T12:30:00", "Canon")
    texts = [text for text in HOSTILE if text]
    given = [
        replace(encoded(1, caption="A", tags=("a", "")), traits=traits),
        replace(encoded(2), keep="none", indexed_at=YESTERDAY),
        replace(encoded(3), keep="original", original=b"whole"),
        *(
            encoded(number, caption=text, tags=(text,), metadata={text: text})
            for number, text in enumerate(texts, start=4)
        ),
    ]
    store.upsert(given)
    for found in (
        store.encoded([*(each.photo.id for each in given), "nobody"]),
        PhotoStore.encoded(store, [each.photo.id for each in given]),
    ):
        assert found.keys() == {each.photo.id for each in given}
        for before in given:
            after = found[before.photo.id]
            assert after.vector.tobytes() == before.vector.tobytes()
            plain = replace(before, thumbnail=b"", original=b"", indexed_at=after.indexed_at)
            assert all_but_vector(after) == all_but_vector(plain)
    assert store.encoded(["p00002"])["p00002"].indexed_at == YESTERDAY


def test_a_photo_that_says_when_it_was_indexed_is_browsed_by_that(store: PhotoStore) -> None:
    day = timedelta(days=1)
    store.upsert([replace(encoded(1), indexed_at=YESTERDAY)])
    store.upsert(
        [
            encoded(2),
            replace(encoded(3), indexed_at=YESTERDAY + day),
            replace(encoded(4), indexed_at=YESTERDAY - day),
        ]
    )
    assert [each.photo.id for each in store.browse(9)] == ["p00002", "p00003", "p00001", "p00004"]
    store.describe([photo(3, caption="x")])
    times = {key: each.indexed_at for key, each in store.encoded(["p00003", "p00002"]).items()}
    assert times["p00003"] == YESTERDAY + day
    assert times["p00002"] is not None
    assert times["p00002"] > YESTERDAY + day


def test_a_photo_without_pixels_keeps_what_is_there(store: PhotoStore) -> None:
    whole = replace(encoded(1), keep="original", original=b"whole")
    store.upsert([whole])
    store.upsert([replace(whole, photo=photo(1, caption="x"), thumbnail=b"", original=b"")])
    store.upsert([replace(whole, photo=photo(2), thumbnail=b"", original=b"")])
    store.delete(["p00001"])
    assert store.thumbnail("p00002") == b"thumbnail of 1"
    assert store.original("p00002") == b"whole"


def test_photos_are_known_by_their_bytes(store: PhotoStore) -> None:
    store.upsert([bare(number) for number in range(300)])
    store.upsert([replace(bare(number), photo=photo(1_000 + number)) for number in range(3)])
    store.delete(["p00001", "p00299"])
    wanted = [hash_of(number) for number in (0, 1, 2, 298, 299, "nobody's")]
    found = ids_of_contents(store, [*wanted, *wanted])
    assert found.pop(hash_of(0)) in ("p00000", "p01000")
    assert found.pop(hash_of(2)) in ("p00002", "p01002")
    assert found == {hash_of(1): "p01001", hash_of(298): "p00298"}
    every = ids_of_contents(store, map(hash_of, range(300)))
    assert len(every) == 299 > CONTENTS_AT_ONCE
    assert ids_of_contents(store, []) == {}


def test_many_copies_of_one_photo_do_not_hide_another(store: PhotoStore) -> None:
    store.upsert([replace(bare(1), photo=photo(number)) for number in range(1_005)])
    store.upsert([replace(bare(2), photo=photo(5_000), indexed_at=YESTERDAY)])
    found = ids_of_contents(store, [hash_of(1), hash_of(2)])
    assert found.keys() == {hash_of(1), hash_of(2)}
    assert found[hash_of(2)] == "p05000"


def test_what_was_written_since_a_moment_is_told(store: PhotoStore) -> None:
    long_id = "x" * 33_000
    store.upsert([bare(number) for number in range(1_200)])
    begun = store.marks.now()
    if store.marks.changed_since(begun) is None:
        assert begun == "", "a store that cannot tell says so at once"
        return
    again = open_store(store.location)
    store.describe([photo(2, caption="new")])
    again.upsert([bare(3), replace(bare(1_300), photo=Photo(long_id, "/long.jpg", "1"))])
    store.add_texts({"p00005": ReadText(hash_of(5), PictureText("reader", ()))})
    again.delete(["p00006", "p00002"])
    later = store.marks.now()
    again.upsert([bare(7)])
    written = {"p00003", long_id, "p00005", "p00007"}
    assert written <= since(store, begun) <= set(chain.from_iterable(store.ids()))
    assert {"p00007"} <= since(store, later)
    assert since(again, begun) >= written, "whoever asks"
    store.maintain()
    assert since(store, begun) >= written


def since(store: PhotoStore, mark: str) -> set[str]:
    lists = store.marks.changed_since(mark)
    assert lists is not None
    return set(chain.from_iterable(lists))
