"""Every way to start a gateway asks for a key where others reach it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from photoseek.helpers.ports import free_ports
from tests.support.terminal import ROOT
from tests.support.waiting import wait_until

KEY = "correct-horse-battery"
NAME = "photos.example.org"


def test_where_others_reach_it_it_starts_with_its_key() -> None:
    """The key goes another way to the gateway than other settings do.

    That `-t serve` hands it on is shown in tests/commands/test_command_line.py.
    """
    places = free_ports(2)
    settings = {
        "PHOTOSEEK_API_KEY": KEY,
        "PHOTOSEEK_ALLOWED_HOSTS": f'["{NAME}"]',
        "PHOTOSEEK_MODEL": "demo",
        **{
            f"PHOTOSEEK_{name}_PORT": str(port)
            for name, port in zip(("HTTP", "GRPC"), places, strict=True)
        },
    }
    with subprocess.Popen(
        [sys.executable, *STARTS["flows"]],
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            url = f"http://127.0.0.1:{places[0]}"
            wait_until(lambda: process.poll() is not None or _answers(url), "the gateway", 120)
            assert process.poll() is None
            assert httpx.delete(f"{url}/api/photos/x").status_code == 401
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.HTTPError:
        return False


GRAPH = '{"start-gateway": ["indexer"], "indexer": ["end-gateway"]}'
STARTS = {
    "gateway": [str(ROOT / "app.py"), "-t", "gateway"],
    "serve": [str(ROOT / "app.py"), "-t", "serve", "--model", "demo"],
    "demo": [str(ROOT / "app.py"), "-t", "demo"],
    "flows": ["-m", "photoseek.flow"],
    "jina": [
        *("-m", "jina", "gateway", "--uses", "PhotoGateway"),
        *("--py-modules", "photoseek.flow.jina_gateway", "--protocol", "http", "--port", "0"),
        *("--graph-description", GRAPH),
        *("--deployments-addresses", '{"indexer": ["grpc://127.0.0.1:9"]}'),
    ],
}


@pytest.mark.parametrize("start", STARTS.values(), ids=list(STARTS))
def test_however_it_is_started_it_refuses_in_words(start: list[str]) -> None:
    """Jina's own command listens on every address, whatever PHOTOSEEK_HOST says."""
    exposed = {} if "jina" in start else {"PHOTOSEEK_HOST": "0.0.0.0"}
    done = subprocess.run(
        [sys.executable, *start],
        env={**os.environ, "PYTHONPATH": str(ROOT), **exposed},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "because it listens on 0.0.0.0, and it has no key" in done.stderr
    assert done.returncode == (1 if "jina" in start else 2)
    assert not any(Path.cwd().iterdir())
