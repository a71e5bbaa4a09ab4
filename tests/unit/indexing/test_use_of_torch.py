"""Whether torch is worth what it takes."""

from __future__ import annotations

import pytest

from photoseek.helpers.machine import Memory
from photoseek.indexing.use_of_torch import has_room_for_torch


@pytest.mark.parametrize(
    ("total", "limit", "has_room"),
    [
        (8_000_000_000, None, True),
        (1_000_000_000, None, False),
        (8_000_000_000, 1_500_000_000, False),
        (8_000_000_000, 4_000_000_000, True),
        (0, None, True),  # nobody knows
    ],
)
def test_torch_needs_room(total: int, limit: int | None, has_room: bool) -> None:
    assert has_room_for_torch(Memory(total, limit, None)) is has_room
