"""Readiness: what keeps the service from being ready, asked for with care."""

from __future__ import annotations

import asyncio

from photoseek.gateway.health import Readiness
from photoseek.gateway.problems import NOT_IN_TIME


class Parts:
    """Answers once `answer` is there. `asked` counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def problem(self) -> str:
        self.asked += 1
        return await asyncio.shield(self.answer)


def test_those_who_ask_at_the_same_time_share_an_answer() -> None:
    async def run() -> None:
        parts = Parts()
        readiness = Readiness(parts.problem, fresh_seconds=1000)
        probes = [asyncio.create_task(readiness.problem()) for _ in range(50)]
        await asyncio.sleep(0)
        parts.answer.set_result("a sentence")
        assert set(await asyncio.gather(*probes)) == {"a sentence"}
        assert await readiness.problem() == "a sentence"
        assert parts.asked == 1

    asyncio.run(run())


def test_a_probe_that_gives_up_takes_the_answer_from_nobody() -> None:
    async def run() -> None:
        parts = Parts()
        readiness = Readiness(parts.problem)
        probes = [asyncio.create_task(readiness.problem()) for _ in range(2)]
        await asyncio.sleep(0)
        probes[0].cancel()
        await asyncio.sleep(0)
        parts.answer.set_result("")
        assert await probes[1] == ""
        assert parts.asked == 1

    asyncio.run(run())


def test_silence_is_an_answer_and_is_asked_about_again() -> None:
    async def run() -> None:
        parts = Parts()
        readiness = Readiness(parts.problem, answer_seconds=0.01, fresh_seconds=0)
        assert await readiness.problem() == NOT_IN_TIME
        parts.answer.set_result("")
        assert await readiness.problem() == ""
        assert parts.asked == 2

    asyncio.run(run())
