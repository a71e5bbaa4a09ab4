"""Reading and writing what is large, without keeping everyone else waiting."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Response
from pydantic import BaseModel

LARGE = 64_000
"""Bytes from which on something goes to a thread."""

AT_ONCE = 1
"""Threads that read and write at once. Python runs one at a time, and the event loop waits for its
turn among them; more would not be faster.
"""

Result = TypeVar("Result")
Model = TypeVar("Model", bound=BaseModel)


@cache
def _limiter() -> CapacityLimiter:
    return CapacityLimiter(AT_ONCE)


async def in_thread(size: int, work: Callable[..., Result], *arguments: object) -> Result:
    """What `work` gives; in a thread where `size` bytes would keep others waiting."""
    if size <= LARGE:
        return work(*arguments)
    return await to_thread.run_sync(work, *arguments, limiter=_limiter())


async def answer(size: int, build: Callable[[], Model]) -> Response:
    """What a route answers with: the JSON of a model, which has about that many bytes.

    FastAPI would check a model once more, and write it on the event loop however large it is.
    """
    content = await in_thread(size, lambda: build().model_dump_json())
    return Response(content, media_type="application/json")
