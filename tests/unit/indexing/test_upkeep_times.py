"""After how many commits of a run upkeep pays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from photoseek.indexing.upkeep_times import LEAST, MOST, PHOTOS, UpkeepTimes


@pytest.mark.parametrize(
    ("photos", "every"),
    [
        (0, LEAST),
        (LEAST * PHOTOS, LEAST),
        (LEAST * PHOTOS + 1, 2 * LEAST),
        (MOST * PHOTOS, MOST),
        (1_000_000, MOST),
    ],
)
def test_the_more_photos_there_are_the_more_commits_come_between(photos: int, every: int) -> None:
    times = UpkeepTimes()
    pays = [times.committed(lambda: photos) for _ in range(3 * every)]
    assert [place + 1 for place, each in enumerate(pays) if each] == [every, 2 * every, 3 * every]


def test_how_many_there_are_is_seldom_asked() -> None:
    times, asked = UpkeepTimes(), 0

    def photos() -> int:
        nonlocal asked
        asked += 1
        return 100_000

    assert sum(times.committed(photos) for _ in range(5 * LEAST)) == 1
    assert asked == 5


def test_each_commit_of_several_threads_counts_once() -> None:
    times = UpkeepTimes()
    with ThreadPoolExecutor(8) as threads:
        pays = list(threads.map(lambda _: times.committed(lambda: 0), range(50 * LEAST)))
    assert sum(pays) == 50
