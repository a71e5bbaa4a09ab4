"""A look at what several gateways share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from photoseek.cli.checks.findings import Finding, Subject
from photoseek.helpers.event_loop import run_async
from photoseek.helpers.extras import has_extra, without
from photoseek.helpers.installation import installing
from photoseek.settings import Settings

PATIENCE = 3.0
"""Seconds that Redis may take."""


def look_at_redis(subject: Subject) -> Iterator[Finding]:
    """Whether the Redis of the settings answers, and how soon; nothing where there is none."""
    settings = subject.settings
    if settings.redis is None:
        return
    if not has_extra("redis"):
        yield Finding("Redis", "wrong", without("redis"), installing("redis"))
        return
    from redis.exceptions import RedisError

    from photoseek.sharing.state_of_settings import place_of

    place = place_of(settings)
    try:
        version, seconds = run_async(_asked(settings))
    except (RedisError, OSError) as error:
        reason = str(error) or f"no answer within {PATIENCE:g} s"
        text = f"{place} cannot be used: {reason.rstrip('.')}. Each gateway goes on by itself."
        yield Finding("Redis", "wrong", text)
        return
    yield Finding("Redis", "ok", f"{place}: Redis {version} answers in {1e3 * seconds:.1f} ms.")


async def _asked(settings: Settings) -> tuple[str, float]:
    """Its version, and the seconds of one question; TimeoutError is an OSError."""
    from photoseek.sharing.redis_state import TAKE
    from photoseek.sharing.state_of_settings import redis_client

    client = redis_client(settings)
    try:
        async with asyncio.timeout(PATIENCE):
            told = await client.info("server")
            start = time.perf_counter()
            await client.eval(TAKE, 1, f"{settings.redis_prefix}limit:doctor", 0, "1")
            return str(told.get("redis_version")), time.perf_counter() - start
    finally:
        await client.aclose()
