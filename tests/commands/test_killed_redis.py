"""Two gateways whose Redis is killed at random moments; `killed_redis` has what is checked."""

from __future__ import annotations

from pathlib import Path

from tests.support.killed_redis import kill_redis


def test_no_request_fails_while_redis_is_killed(tmp_path: Path) -> None:
    assert kill_redis(tmp_path, times=2, seed=1)
