"""When the segments of an index in an engine are joined."""

from __future__ import annotations

import pytest

from photoseek.store.elastic.engine_segments import MANY, Segment, is_due


@pytest.mark.parametrize(
    ("photos", "due"),
    [
        ([], False),
        ([100_000], False),
        ([1_000] * (MANY + 1), True),
        ([1_000] * MANY, False),
        ([10] * 42, False),  # they are compared one by one
        ([50_000, *[3_000] * 13], False),  # less is new than was joined before
        ([50_000, *[5_000] * 13], True),
    ],
)
def test_they_are_joined_where_more_is_new_than_old(photos: list[int], due: bool) -> None:
    assert is_due([Segment(each, 2_000 * each) for each in photos]) is due


def test_a_run_writes_each_photo_a_few_times_only() -> None:
    segments: list[int] = []
    written = 0
    for _ in range(400):
        segments.append(8_000)
        if is_due([Segment(each, 0) for each in segments]):
            written += sum(segments)
            segments = [sum(segments)]
    assert written <= 2.5 * 400 * 8_000
