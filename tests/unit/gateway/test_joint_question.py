"""One question for all who ask at the same time, whose answer is never older than theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from photoseek.errors import StoreError
from photoseek.gateway.joint_question import JointQuestion


class Slow:
    """Answers with the number of the question, each when it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.gates = [asyncio.Event() for _ in range(5)]

    async def __call__(self) -> int:
        number = self.begun
        self.begun += 1
        await self.gates[number].wait()
        return number


async def settled() -> None:
    """Let everybody go on as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def shared_by_all_who_come_meanwhile() -> None:
    slow = Slow()
    ask = JointQuestion(slow)
    first = asyncio.ensure_future(ask())
    await settled()
    others = [asyncio.ensure_future(ask()) for _ in range(3)]
    await settled()
    assert slow.begun == 1
    slow.gates[0].set()
    assert await first == 0
    await settled()
    late = asyncio.ensure_future(ask())
    await settled()
    assert slow.begun == 2, "one for the three, and the late one waits for its own"
    for gate in slow.gates:
        gate.set()
    assert await asyncio.gather(*others) == [1, 1, 1]
    assert await late == 2
    assert await ask() == 3


async def answered_though_one_gives_up() -> None:
    slow = Slow()
    ask = JointQuestion(slow)
    waiting = [asyncio.ensure_future(ask()) for _ in range(3)]
    await settled()
    waiting[0].cancel()
    waiting[1].cancel()
    for gate in slow.gates:
        gate.set()
    assert await waiting[2] == 1
    assert waiting[0].cancelled()
    assert waiting[1].cancelled()


async def told_what_went_wrong() -> None:
    async def fail() -> int:
        await asyncio.sleep(0)
        raise StoreError("gone")

    ask = JointQuestion(fail)
    found = await asyncio.gather(ask(), ask(), ask(), return_exceptions=True)
    assert [str(each) for each in found] == ["gone"] * 3
    with pytest.raises(StoreError, match="gone"):
        await ask()


@pytest.mark.parametrize(
    "case",
    [shared_by_all_who_come_meanwhile, answered_though_one_gives_up, told_what_went_wrong],
)
def test_a_question_is(case: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(case())
