"""The key of a search engine that holds the index: the indexer has it, and nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from photoseek.client import Client
from photoseek.flow.environment import python_path
from photoseek.flow.process import FlowProcess
from photoseek.helpers.ports import free_ports
from photoseek.settings import Settings, load_settings
from tests.support.waiting import wait_until
from tests.support.web_server import QuietHandler, QuietServer, serving

KEY = "the-key-of-the-engine"


class Engine(QuietServer):
    """An engine without any index; it keeps who asked."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.asked: list[str | None] = []


class Handler(QuietHandler):
    server: Engine

    def do_GET(self) -> None:  # noqa: N802
        self.server.asked.append(self.headers["Authorization"])
        if self.path == "/":
            self.answer(200, json.dumps({"version": {"number": "8.19.0"}}).encode())
        else:
            self.answer(404, b"{}")


@pytest.fixture
def engine() -> Iterator[Engine]:
    with serving(Engine()) as engine:
        yield engine


def settings_for(engine: Engine) -> Settings:
    index = f"elastic+{engine.url}/photos"
    return load_settings(index=index, model="demo", engine_api_key=KEY)


def test_the_indexer_of_a_flow_shows_the_key_that_only_its_starter_knew(engine: Engine) -> None:
    with FlowProcess(settings_for(engine), private=True) as process:
        with Client(process.url) as client:
            assert client.status().photos == 0
        assert set(engine.asked) == {f"ApiKey {KEY}"}
        family = psutil.Process(process.pid)
        for each in (family, *family.children(recursive=True)):
            assert KEY not in str(each.environ())


def test_an_indexer_of_its_own_shows_it_from_its_own_environment(engine: Engine) -> None:
    [port] = free_ports(1)
    environment = {
        **os.environ,
        "PYTHONPATH": python_path(),
        "PHOTOSEEK_INDEX": f"elastic+{engine.url}/photos",
        "PHOTOSEEK_INDEXER": f"127.0.0.1:{port}",
        "PHOTOSEEK_ENGINE_API_KEY": KEY,
    }
    command = [sys.executable, "-m", "photoseek", "-t", "indexer"]
    with subprocess.Popen(command, env=environment) as indexer:
        try:
            wait_until(lambda: bool(engine.asked) or indexer.poll() is not None, "the indexer")
            assert indexer.poll() is None
            assert set(engine.asked) == {f"ApiKey {KEY}"}
            assert KEY not in str(psutil.Process(indexer.pid).environ()), "it has started over"
        finally:
            indexer.terminate()
