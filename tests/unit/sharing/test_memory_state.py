"""What a gateway keeps in its own memory is bounded."""

from __future__ import annotations

import asyncio

from photoseek.sharing import MemoryState

MAX_BYTES = 20_000


def test_what_was_asked_for_last_is_kept() -> None:
    async def use() -> None:
        state = MemoryState(max_bytes=MAX_BYTES)
        for number in range(30):
            await state.put(str(number), bytes(1_000), 60)
            assert await state.get("0") is not None
        kept = [number for number in range(30) if await state.get(str(number)) is not None]
        assert 5 < len(kept) < 20
        assert kept == [0, *range(30 - len(kept) + 1, 30)]

    asyncio.run(use())


def test_many_small_values_count_as_well_and_a_large_one_is_not_kept() -> None:
    async def use() -> None:
        state = MemoryState(max_bytes=MAX_BYTES)
        for number in range(1_000):
            await state.put(str(number), b"", 60)
        assert sum([await state.get(str(number)) is not None for number in range(1_000)]) < 50
        await state.put("large", bytes(MAX_BYTES), 60)
        assert await state.get("large") is None
        await state.put("small", b"small", 60)
        assert await state.get("small") == b"small"

    asyncio.run(use())


def test_what_is_too_old_is_gone() -> None:
    async def use() -> None:
        now = 0.0
        state = MemoryState(now=lambda: now)
        await state.put("key", b"value", 10)
        now = 9.9
        assert await state.get("key") == b"value"
        now = 10.0
        assert await state.get("key") is None

    asyncio.run(use())
