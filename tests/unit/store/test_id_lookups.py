"""What a writer knows of the ids that it is about to write, whatever others do meanwhile."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from photoseek.store import PhotoStore
from photoseek.store.lance import stored_ids
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from tests.support.lance import lance_store
from tests.support.stored_photos import encoded, photo, vector_of

ROWS = 400
LIMITS = UpkeepLimits(index_from_rows=300, unindexed_rows=40, partition_rows=100, fragments=1000)
INDEXED, ADDED, NEW = 7, ROWS + 7, ROWS + 99
"""Photos that the index has, that came after it, and that are not there."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that lacks no row."""
    store = lance_store(tmp_path_factory.mktemp("made") / "index", LIMITS)
    store.upsert([encoded(number, content=0) for number in range(ROWS)])
    store.maintain()
    return Path(store.location)


@pytest.fixture(params=[0, ROWS], ids=["asks the table", "knows all ids"])
def store(
    request: pytest.FixtureRequest, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> PhotoStore:
    monkeypatch.setattr(stored_ids, "ROWS_FOR_EACH", request.param)
    shutil.copytree(made, tmp_path / "index")
    store = opened(tmp_path)
    store.upsert([encoded(number, content=0) for number in range(ROWS, ROWS + 20)])
    return store


def opened(folder: Path) -> PhotoStore:
    return lance_store(folder / "index", LIMITS)


def ids(store: PhotoStore) -> Counter[str]:
    return Counter(photo_id for some in store.ids() for photo_id in some)


def bytes_read() -> int:
    """Bytes that this process has read so far, from the disk or its cache."""
    status = Path("/proc/self/io")
    if not status.exists():
        pytest.skip("no /proc/self/io: bytes that were read are counted on Linux alone")
    return int(status.read_text("ascii").split()[1])


def assert_once_each(store: PhotoStore, *changed: int) -> None:
    """Whatever is stored is there once, and those that were put once more are the newer ones."""
    assert set(ids(store).values()) == {1}
    for number in changed:
        [hit] = store.search(vector_of(9000 + number), 1, exact=True)
        assert (hit.stored.photo.id, hit.stored.photo.version) == (photo(number).id, "2")


def put_again(store: PhotoStore, *numbers: int) -> None:
    store.upsert([encoded(n, content=0, seed=9000 + n, version="2") for n in numbers])


def test_photos_that_are_there_are_replaced_wherever_they_are(store: PhotoStore) -> None:
    put_again(store, INDEXED, ADDED, NEW)
    for number in (INDEXED, ADDED, NEW):
        put_again(store, number)
    assert store.count() == ROWS + 21
    assert_once_each(store, INDEXED, ADDED, NEW)


def test_a_table_without_an_index_is_no_other(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.upsert([encoded(number, content=0) for number in range(20)])
    put_again(store, INDEXED)
    put_again(opened(tmp_path), NEW)
    for number in (INDEXED, NEW):
        put_again(store, number)
    assert_once_each(store, INDEXED, NEW)
    assert store.count() == 21


def test_thumbnails_of_photos_that_are_replaced_go(store: PhotoStore) -> None:
    thumbnails = store.blobs.of("thumbnail")
    for number in (INDEXED, ADDED):
        store.upsert([encoded(number, content=f"old {number}")])
        old = encoded(number, content=f"old {number}").content_hash
        assert thumbnails.get(old)
        put_again(store, number)
        assert thumbnails.get(old) is None


DOES: dict[str, Callable[[PhotoStore], object]] = {
    "adds": lambda store: put_again(store, NEW),
    "describes": lambda store: store.describe([photo(INDEXED, caption="another")]),
    "deletes": lambda store: store.delete([photo(each).id for each in (ADDED, INDEXED, NEW)]),
    "does upkeep": lambda store: store.maintain(),
}


@pytest.mark.parametrize(
    "meanwhile",
    [
        *([each] for each in DOES),
        *(["adds", "does upkeep"], ["does upkeep", "adds"], ["adds", "deletes"]),
    ],
    ids=" and ".join,
)
def test_another_process_writes_meanwhile(
    store: PhotoStore, tmp_path: Path, meanwhile: list[str]
) -> None:
    for _ in range(2):
        other = opened(tmp_path)
        for each in meanwhile:
            DOES[each](other)
        for number in (NEW, INDEXED, ADDED):  # apart: photos that are all new are only added
            put_again(store, number)
        assert_once_each(store, NEW, INDEXED, ADDED)


def test_two_writers_that_know_all_ids_add_the_same_photos_by_turns(
    store: PhotoStore, tmp_path: Path
) -> None:
    writers = [store, opened(tmp_path)]
    for round_ in range(6):
        for writer in (writers[round_ % 2], writers[1 - round_ % 2]):
            put_again(writer, NEW + round_, INDEXED)
    assert_once_each(store, *range(NEW, NEW + 6), INDEXED)


def test_a_photoseek_that_notes_no_adder_adds_photos_meanwhile(
    store: PhotoStore, tmp_path: Path
) -> None:
    [note] = tmp_path.glob("index/*.lance/last-adder")
    mine = note.read_bytes()
    put_again(opened(tmp_path), NEW)
    note.write_bytes(mine)
    store.describe([photo(INDEXED, caption="another")])
    put_again(store, NEW)
    assert_once_each(store, NEW)


def test_an_index_that_an_earlier_version_made_has_no_note(
    store: PhotoStore, tmp_path: Path
) -> None:
    [note] = tmp_path.glob("index/*.lance/last-adder")
    note.unlink()
    for writer in (opened(tmp_path), store):
        put_again(writer, NEW, ADDED)
    assert_once_each(store, NEW, ADDED)
    assert note.exists()


def test_the_writer_itself_does_other_things_meanwhile(store: PhotoStore) -> None:
    store.describe([photo(INDEXED, caption="another"), photo(ADDED, caption="another")])
    put_again(store, INDEXED, ADDED)
    store.delete([photo(INDEXED).id])
    put_again(store, INDEXED, ADDED)
    store.maintain()
    put_again(store, INDEXED, ADDED)
    store.use_keyword_fields(["caption"])
    put_again(store, INDEXED, ADDED)
    assert_once_each(store, INDEXED, ADDED)
    assert store.count() == ROWS + 20


def test_who_knows_all_ids_reads_no_page_of_their_index_for_new_photos(
    store: PhotoStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_of: dict[int, int] = {}
    for rows_for_each in (0, ROWS):
        monkeypatch.setattr(stored_ids, "ROWS_FOR_EACH", rows_for_each)
        store = opened(tmp_path)
        first = 30_000 + 1_000 * rows_for_each
        store.upsert([encoded(first, content=0)])
        store.maintain()
        store.upsert([encoded(first + 1, content=0)])  # an upkeep is looked at once
        store.maintain()
        before = bytes_read()
        store.upsert([encoded(number, content=0) for number in range(first + 2, first + 12)])
        read_of[rows_for_each] = bytes_read() - before
    assert read_of[0] - read_of[ROWS] > ROWS * len(photo(0).id) // 2


def test_a_commit_does_not_read_what_came_since_the_last_upkeep(store: PhotoStore) -> None:
    def costs(first: int) -> int:
        """Bytes that a commit of ten new photos reads."""
        before = bytes_read()
        store.upsert([encoded(number, content=0) for number in range(first, first + 10)])
        return bytes_read() - before

    def growth(first: int) -> int:
        """Bytes that 4,000 photos add to that."""
        few = costs(first)
        store.upsert([encoded(number, content=0) for number in range(first + 10, first + 4010)])
        return costs(first + 4010) - few

    costs(20_000)
    # Other threads of this process read as well; what a commit needs it reads each time.
    growths = (growth(first) for first in (30_000, 40_000, 50_000))
    assert any(each < 4000 * len(photo(0).id) for each in growths)
