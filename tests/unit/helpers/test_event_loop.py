"""The product runs on asyncio's own event loop, also where another library has set another one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from photoseek.helpers.event_loop import run_async
from photoseek.settings import load_settings
from tests.support.in_process import running_service

uvloop = pytest.importorskip("uvloop", reason="comes with Jina, and not on Windows")


@pytest.fixture(autouse=True)
def _set_by_others() -> Iterator[None]:
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    yield
    asyncio.set_event_loop_policy(None)


async def _loop() -> str:
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]


def test_what_others_have_set_changes_nothing() -> None:
    assert asyncio.run(_loop()) == "uvloop"
    assert run_async(_loop()) == "asyncio"


def test_a_service_stops_in_order(tmp_path: Path) -> None:
    settings = load_settings(index=str(tmp_path / "index"), model="demo", uploads="off")
    with running_service(settings) as service:
        assert httpx.get(f"{service.url}/readyz").status_code == 200
