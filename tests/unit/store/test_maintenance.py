"""The approximate index, joined files, dropped versions and swept thumbnails."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from photoseek.records import Condition
from photoseek.store import PhotoStore, open_store
from photoseek.store.lance.index_upkeep import partitions_of
from photoseek.store.lance.local_layout import LocalLayout
from photoseek.store.lance.maintenance import keep_from
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from tests.support.lance import lance_store
from tests.support.stored_photos import MODEL, encoded, hash_of, photo, vector_of
from tests.support.waiting import PATIENCE, wait_until

ROWS = 3000
FEW = 300
"""Still more than the 256 folders that thumbnails lie in."""
LIMITS = UpkeepLimits(index_from_rows=ROWS, unindexed_rows=200, partition_rows=300, old_versions=10)
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
GRACE = timedelta(minutes=10)


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return lance_store(tmp_path / "index", LIMITS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an approximate index, to be copied."""
    store = lance_store(tmp_path_factory.mktemp("made") / "index", LIMITS)
    licences = ("rare", *[""] * 99)
    store.upsert([encoded(n, content=n % 9, licence=licences[n % 100]) for n in range(ROWS)])
    store.maintain()
    assert store.status().ann
    return Path(store.location)


@pytest.fixture
def indexed(made: Path, tmp_path: Path) -> PhotoStore:
    shutil.copytree(made, tmp_path / "index")
    return lance_store(tmp_path / "index", LIMITS)


def table(store: PhotoStore):  # type: ignore[no-untyped-def]
    import lancedb

    return lancedb.connect(store.location).open_table("photos")


def fragments(store: PhotoStore) -> int:
    return int(table(store).stats()["fragment_stats"]["num_fragments"])


def unindexed(store: PhotoStore, index: str = "vector_idx") -> int:
    return int(table(store).index_stats(index).num_unindexed_rows)


def answer(store: PhotoStore, seed: int, **options: object) -> list[str]:
    hits = store.search(vector_of(seed), 10, **options)  # type: ignore[arg-type]
    return [hit.stored.photo.id for hit in hits]


def test_a_small_store_gets_no_index(store: PhotoStore) -> None:
    store.upsert([encoded(number) for number in range(ROWS - 1)])
    store.maintain()
    assert not store.status().ann
    store.upsert([encoded(ROWS)])
    store.maintain()
    assert store.status().ann
    columns = {index.columns[0] for index in table(store).list_indices()}
    assert columns == {"id", "content_hash", "indexed_at", "vector", "words"}


def test_the_index_answers_as_well_as_looking_at_all(indexed: PhotoStore) -> None:
    rare = [Condition("licence", "=", "rare")]
    for seed in range(5000, 5020):
        exact = indexed.search(vector_of(seed), 10, exact=True)
        found = indexed.search(vector_of(seed), 10)
        # True similarities, although the index itself keeps eight bits to a number.
        assert np.allclose([h.score for h in found], [h.score for h in exact], atol=1e-6)
        assert answer(indexed, seed) == answer(indexed, seed, exact=True)
        assert answer(indexed, seed, where=rare) == answer(indexed, seed, where=rare, exact=True)
        other = [Condition("id", "!=", exact[0].stored.photo.id)]
        assert answer(indexed, seed, where=other)[:9] == answer(indexed, seed)[1:]


def test_pages_join_with_the_index_too(indexed: PhotoStore) -> None:
    indexed.upsert([encoded(n, seed=7) for n in range(100)])
    whole = indexed.search(vector_of(7), 150)
    pages = [indexed.search(vector_of(7), 7, offset=offset) for offset in range(0, 150, 7)]
    joined = [hit for page in pages for hit in page][:150]
    assert [hit.stored.photo.id for hit in whole[:100]] == [f"p{n:05}" for n in range(100)]
    assert joined == whole


def test_pages_far_down_have_the_photos_of_an_exact_search(indexed: PhotoStore) -> None:
    for seed in (7, 5001):
        exact = indexed.search(vector_of(seed), 900, exact=True)
        pages = [indexed.search(vector_of(seed), 150, offset=first) for first in range(0, 900, 150)]
        joined = [hit.stored.photo.id for page in pages for hit in page]
        assert joined == [hit.stored.photo.id for hit in exact]


def test_the_last_pages_have_the_photos_of_an_exact_search(indexed: PhotoStore) -> None:
    exact = indexed.search(vector_of(5001), ROWS, exact=True)
    rare = [Condition("licence", "=", "rare")]
    for first in (ROWS - 700, ROWS - 100, ROWS - 3, ROWS):
        found = indexed.search(vector_of(5001), 50, offset=first)
        assert [hit.stored.photo.id for hit in found] == [
            hit.stored.photo.id for hit in exact[first : first + 50]
        ]
        assert indexed.search(vector_of(5001), 50, offset=first, where=rare) == []


def test_no_photo_is_missed_where_the_partitions_that_are_asked_have_too_few(
    tmp_path: Path,
) -> None:
    store = lance_store(tmp_path / "index", replace(LIMITS, partition_rows=15))
    licences = ("rare", *[""] * 99)
    store.upsert([encoded(n, content=0, licence=licences[n % 100]) for n in range(ROWS)])
    store.maintain()
    rare = [Condition("licence", "=", "rare")]
    for seed in (1, 5001, 5002):
        exact = answer(store, seed, exact=True)
        assert len(set(answer(store, seed)) & set(exact)) >= 8  # of 200 partitions 48 are asked
        assert set(ids(store, seed, 40, rare)) == {f"p{n:05}" for n in range(0, ROWS, 100)}
        assert len(set(ids(store, seed, ROWS))) == ROWS


def ids(store: PhotoStore, seed: int, top_k: int, where: Sequence[Condition] = ()) -> list[str]:
    return [hit.stored.photo.id for hit in store.search(vector_of(seed), top_k, where=where)]


def test_what_comes_after_the_index_is_found_at_once_and_brought_in(indexed: PhotoStore) -> None:
    indexed.upsert([encoded(number) for number in range(ROWS, ROWS + 100)])
    assert answer(indexed, ROWS + 7)[0] == f"p{ROWS + 7:05}"
    indexed.maintain()
    assert unindexed(indexed) == 100  # too few to be worth it
    indexed.upsert([encoded(number) for number in range(ROWS + 100, ROWS + 300)])
    indexed.maintain()
    assert unindexed(indexed) == 0
    assert answer(indexed, ROWS + 7)[0] == f"p{ROWS + 7:05}"


def test_keywords_are_the_same_before_and_after_they_are_indexed(store: PhotoStore) -> None:
    dice = np.random.default_rng(7)
    texts = [" ".join(dice.choice(WORDS, 5)) for _ in range(300)]
    store.upsert([encoded(n, content=0, caption=text) for n, text in enumerate(texts)])

    def found() -> list[list[str]]:
        questions = ("dog", "the beaches at night", "CAR boat", "nothing")
        return [[hit.photo.id for hit in store.keywords(text, 20)] for text in questions]

    before = found()
    assert [len(ids) for ids in before] == [20, 20, 20, 0]
    assert unindexed(store, "words_idx") == 300
    store.maintain()
    assert unindexed(store, "words_idx") == 0
    assert not store.status().ann
    assert found() == before
    # A creation that was killed leaves no index of words; upkeep makes it.
    table(store).drop_index("words_idx")
    store.maintain()
    assert found() == before


WORDS = ["dogs", "beach", "night", "red", "car", "boat", "the", "at", "harbour", "snow"]


def test_replaced_and_deleted_photos_leave_the_index(indexed: PhotoStore) -> None:
    indexed.upsert([encoded(1, seed=9999)])
    assert answer(indexed, 9999)[0] == "p00001"
    assert "p00001" not in answer(indexed, 1)
    indexed.delete(["p00002"])
    assert "p00002" not in answer(indexed, 2)
    indexed.delete(f"p{number:05}" for number in range(ROWS))
    assert answer(indexed, 1) == []
    indexed.maintain()
    indexed.upsert([encoded(1)])
    assert answer(indexed, 1) == ["p00001"]


def test_the_model_outlives_upkeep(indexed: PhotoStore) -> None:
    indexed.describe([encoded(1).photo])
    indexed.delete(["p00002"])
    assert open_store(indexed.location, MODEL).model == MODEL


def test_many_small_files_are_joined(store: PhotoStore) -> None:
    for number in range(LIMITS.fragments):
        store.upsert([encoded(number)])
    store.maintain()
    assert fragments(store) == LIMITS.fragments
    store.upsert([encoded(1000)])
    store.maintain()
    assert fragments(store) == 1
    assert store.count() == LIMITS.fragments + 1


def test_files_are_joined_and_indexes_made_while_others_write(tmp_path: Path) -> None:
    limits = replace(LIMITS, index_from_rows=300, partition_rows=100, fragments=3)
    store = lance_store(tmp_path / "index", limits)
    for first in range(0, 400, 50):
        store.upsert([encoded(number, content=0) for number in range(first, first + 50)])
    with ThreadPoolExecutor(1) as pool:
        with LocalLayout(tmp_path / "index").writer():
            done = pool.submit(store.maintain)
            wait_until(lambda: fragments(store) == 1 and store.status().ann, "upkeep")
            assert answer(store, 7) == answer(store, 7, exact=True)
        done.result(PATIENCE)
    assert len(table(store).list_versions()) == 1


def test_nothing_is_committed_when_nothing_is_due(indexed: PhotoStore) -> None:
    before = table(indexed).version
    indexed.maintain()
    assert table(indexed).version == before


def test_old_versions_are_dropped(store: PhotoStore) -> None:
    store.upsert([encoded(number) for number in range(20)])
    for number in range(20):
        store.delete([f"p{number:05}"])
    store.maintain()
    assert len(table(store).list_versions()) >= 20  # young ones stay for their readers
    at_once = replace(LIMITS, grace=timedelta(0), clock_margin=timedelta(0))
    again = lance_store(store.location, at_once)
    again.maintain()
    assert len(table(again).list_versions()) <= 3
    assert again.count() == 0


def test_versions_that_nobody_reads_are_dropped_at_once(indexed: PhotoStore) -> None:
    reader = LocalLayout(Path(indexed.location)).reader
    indexed.upsert([encoded(number) for number in range(ROWS, ROWS + 300)])
    with reader():
        indexed.maintain()
    assert len(table(indexed).list_versions()) > 2
    indexed.upsert([encoded(number) for number in range(ROWS + 300, ROWS + 600)])
    indexed.maintain()
    [version] = table(indexed).list_versions()
    assert version["version"] == table(indexed).version
    assert indexed.count() == ROWS + 600
    assert answer(indexed, ROWS + 7)[0] == f"p{ROWS + 7:05}"
    data = list((Path(indexed.location) / "photos.lance" / "data").iterdir())
    assert len(data) == fragments(indexed)


def test_what_killed_writers_left_of_rows_goes_with_old_versions(indexed: PhotoStore) -> None:
    left = Path(indexed.location) / "photos.lance" / "data" / f"{'0' * 24}.lance"
    left.write_bytes(b"rows that no version has")
    indexed.upsert([encoded(number) for number in range(ROWS, ROWS + 300)])
    indexed.maintain()
    assert not left.exists()
    assert indexed.count() == ROWS + 300


def half_written(store: PhotoStore) -> list[Path]:
    """Files as a killed upkeep leaves them: Lance gives a file its name when it is whole."""
    table = Path(store.location) / "photos.lance"
    [vectors] = {path.parent for path in table.glob("_indices/*/auxiliary.idx")}
    left = [table / "data" / ".tmpkZ7BVQ", vectors / ".tmp4mGoEB", table / "_versions" / "7#1"]
    for path in left:
        path.write_bytes(b"half of it")
    return left


def test_what_a_killed_upkeep_left_half_written_goes(indexed: PhotoStore) -> None:
    left = half_written(indexed)
    indexed.upsert([encoded(number) for number in range(ROWS, ROWS + 300)])
    indexed.maintain()
    assert all(path.exists() for path in left)  # somebody may be about to write on
    for path in left:
        os.utime(path, (time.time() - 120,) * 2)
    indexed.upsert([encoded(number) for number in range(ROWS + 300, ROWS + 600)])
    indexed.maintain()
    assert not any(path.exists() for path in left)
    assert indexed.count() == ROWS + 600
    assert answer(indexed, 7) == answer(indexed, 7, exact=True)


def test_half_written_files_go_from_an_index_that_rests_and_is_read(indexed: PhotoStore) -> None:
    left = half_written(indexed)
    for path in left:
        os.utime(path, (time.time() - 2 * 3600,) * 2)
    with LocalLayout(Path(indexed.location)).reader():
        assert indexed.activity().maintenance_is_due
        indexed.maintain()
    assert not any(path.exists() for path in left)
    assert not indexed.activity().maintenance_is_due


def test_rows_that_are_deleted_or_replaced_leave_the_files(indexed: PhotoStore) -> None:
    few = lance_store(indexed.location, replace(LIMITS, deleted_rows=100))

    def written() -> int:
        lengths = table(few).stats()["fragment_stats"]
        return int(lengths["num_fragments"] * lengths["lengths"]["mean"])

    few.delete(f"p{number:05}" for number in range(700))
    few.maintain()
    assert written() == ROWS  # less than a quarter of them
    few.delete(f"p{number:05}" for number in range(700, 1000))
    before = few.size()
    few.maintain()
    assert written() == few.count() == 2000
    assert few.size() < 0.75 * before
    assert answer(few, 1007) == answer(few, 1007, exact=True)
    few.describe([photo(number, caption="new") for number in range(1000, 2000)])
    few.maintain()
    assert written() == few.count() == 2000
    assert not few.activity().maintenance_is_due


def test_a_few_old_versions_are_dropped_when_they_have_rested(store: PhotoStore) -> None:
    store.upsert([encoded(1)])
    store.upsert([encoded(2)])
    at_once = replace(LIMITS, grace=timedelta(0), clock_margin=timedelta(0))
    lance_store(store.location, at_once).maintain()
    before = table(store).version
    rested = replace(at_once, old_age=timedelta(0))
    lance_store(store.location, rested).maintain()
    assert all(each["version"] >= before for each in table(store).list_versions())
    assert store.count() == 2


def test_an_index_that_is_outgrown_is_made_again(tmp_path: Path) -> None:
    few = UpkeepLimits(index_from_rows=300, partition_rows=100, unindexed_rows=40, segments=3)

    def grown(limits: UpkeepLimits, step: int, until: int) -> list[int]:
        store = lance_store(tmp_path / f"index-{step}", limits)
        segments = []
        for first in (0, *range(300, until, step)):
            rows = range(first, first + (step if first else 300))
            store.upsert([encoded(number, content=0) for number in rows])
            store.maintain()
            assert answer(store, rows[-1]) == answer(store, rows[-1], exact=True)
            assert unindexed(store) == 0
            indexes = table(store).list_indices()
            segments += [each.num_segments for each in indexes if each.columns == ["vector"]]
        return segments

    # New rows are brought in beside the others until a search would have to open too many.
    segments = grown(few, 50, until=600)
    assert max(segments) == few.segments
    assert 1 in segments[segments.index(few.segments) :]
    # Twice as many rows want other partitions here, whatever else is allowed.
    assert grown(replace(few, segments=100, outgrown=2), 60, until=600)[-1] == 1


def test_an_index_that_rows_are_gone_from_finds_as_much_when_it_is_made_again(
    tmp_path: Path,
) -> None:
    limits = UpkeepLimits(index_from_rows=400, partition_rows=40, unindexed_rows=40, outgrown=2)
    store = lance_store(tmp_path / "index", limits)
    store.upsert([encoded(number, content=0) for number in range(400)])
    store.maintain()
    made_for = partitions_of(table(store).schema)
    store.delete(f"p{number:05}" for number in range(0, 400, 20))
    store.upsert([encoded(number, seed=9000 + number) for number in range(5, 400, 20)])
    store.upsert([encoded(number, content=0) for number in range(400, 900)])
    store.maintain()
    assert partitions_of(table(store).schema) > 2 * made_for
    assert unindexed(store) == 0
    for seed in (*range(0, 900, 90), 9005, 9385):
        assert answer(store, seed) == answer(store, seed, exact=True)
    assert [answer(store, seed)[0] for seed in (9005, 399, 899)] == ["p00005", "p00399", "p00899"]
    assert "p00020" not in answer(store, 20)


def test_an_index_of_an_earlier_version_is_searched_and_made_again_once(
    indexed: PhotoStore,
) -> None:
    def made() -> list[str]:
        return sorted(f"{each.name} {each.index_uuid}" for each in table(indexed).list_indices())

    its = table(indexed)
    its.update_field_metadata({"path": "vector", "metadata": {"photoseek:partitions": "0"}})
    its.drop_index("content_hash_idx")
    before = made()
    rare = [Condition("licence", "=", "rare")]
    assert answer(indexed, 5001) == answer(indexed, 5001, exact=True)
    assert answer(indexed, 5001, where=rare) == answer(indexed, 5001, where=rare, exact=True)
    indexed.upsert([encoded(1, seed=9999), encoded(ROWS, seed=9998)])
    indexed.maintain()
    after = made()
    assert len(after) == len(before) + 1
    assert not {each for each in before if each.startswith("vector")} & set(after)
    assert [answer(indexed, seed)[0] for seed in (9999, 9998)] == ["p00001", f"p{ROWS:05}"]
    indexed.maintain()
    assert made() == after


def test_a_version_is_kept_while_it_may_be_read() -> None:
    def ago(**age: float) -> datetime:
        return NOW - timedelta(**age)

    assert keep_from([], NOW, GRACE) is None
    assert keep_from([ago(minutes=1)], NOW, GRACE) is None
    # It rested for a week: queries may run on it right now.
    assert keep_from([ago(days=8), ago(days=7)], NOW, GRACE) == ago(days=7)
    # Replaced a minute ago, so it may still be read; the one before may not.
    moments = [ago(days=8), ago(days=7), ago(minutes=1)]
    assert keep_from(moments, NOW, GRACE) == ago(days=7)
    assert keep_from([*moments[:2], NOW - GRACE, NOW], NOW, GRACE) == NOW - GRACE


def thumbnails(store: PhotoStore) -> set[str]:
    return {path.stem for path in Path(store.location).glob("thumbnails/*/*.jpg")}


def test_thumbnails_go_with_their_last_photo(store: PhotoStore) -> None:
    store.upsert([encoded(1, content="a"), encoded(2, content="a"), encoded(3, content="b")])
    assert thumbnails(store) == {hash_of("a"), hash_of("b")}
    store.upsert([encoded(1, content="c")])
    assert thumbnails(store) == {hash_of("a"), hash_of("b"), hash_of("c")}
    store.upsert([encoded(2, content="b"), encoded(3, content="d")])
    assert thumbnails(store) == {hash_of("b"), hash_of("c"), hash_of("d")}
    store.delete(["p00001", "p00003"])
    assert thumbnails(store) == {hash_of("b")}
    assert not list(Path(store.location).glob("thumbnails/*/.photoseek-*"))


def test_thumbnails_of_killed_writers_are_swept(store: PhotoStore) -> None:
    store.upsert([encoded(number) for number in range(FEW)])
    folder = Path(store.location) / "thumbnails" / "ab"
    folder.mkdir(exist_ok=True)
    old = time.time() - 2 * 3600
    for name in (f"{'ab' * 16}.jpg", f".photoseek-{'ab' * 16}", f"{'ac' * 16}.jpg"):
        (folder / name).write_bytes(b"x")
    for path in Path(store.location).glob("thumbnails/*/*"):
        if not path.name.startswith("acac"):
            os.utime(path, (old, old))
    store.maintain()
    # An old one without a row is an orphan; a young one may be about to get its row.
    assert thumbnails(store) == {hash_of(number) for number in range(FEW)} | {"ac" * 16}
    assert not list(folder.glob(".photoseek-*"))


def originals(store: PhotoStore) -> set[str]:
    return {path.stem for path in Path(store.location).glob("originals/*/*")}


def test_originals_go_with_the_last_photo_that_keeps_them(store: PhotoStore) -> None:
    whole = [replace(encoded(n, content="a"), keep="original", original=b"a") for n in (1, 2)]
    store.upsert([*whole, encoded(3, content="a"), replace(encoded(4), keep="none")])
    assert originals(store) == thumbnails(store) == {hash_of("a")}
    store.upsert([encoded(1, content="a")])
    assert originals(store) == {hash_of("a")}
    store.delete(["p00002"])
    assert originals(store) == set()
    assert thumbnails(store) == {hash_of("a")}
    store.upsert([replace(encoded(n, content="a"), keep="none") for n in (1, 3)])
    assert thumbnails(store) == set()


def test_originals_of_killed_writers_are_swept(store: PhotoStore) -> None:
    first = replace(encoded(0), keep="original", original=b"0")
    store.upsert([first, *(encoded(number) for number in range(1, FEW))])
    folder = Path(store.location) / "originals"
    for name in (hash_of(1), "ab" * 16):
        (folder / name[:2]).mkdir(exist_ok=True)
        (folder / name[:2] / f"{name}.original").write_bytes(b"x")
    old = time.time() - 2 * 3600
    for path in folder.glob("*/*"):
        os.utime(path, (old, old))
    store.maintain()
    assert originals(store) == {hash_of(0)}
    assert store.original("p00000") == b"0"
