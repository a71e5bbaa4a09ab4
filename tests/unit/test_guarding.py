"""When a gateway runs without a key, and that every way to start one asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from photoseek.errors import SettingsError
from photoseek.flow.ports import free_ports
from photoseek.flow.process import FlowProcess
from photoseek.guarding import check_guarded
from photoseek.settings import load_settings
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
KEY = "correct-horse-battery"
NAME = "photos.example.org"

HERE: list[dict[str, Any]] = [
    {},
    {"host": "localhost"},
    {"host": "::1"},
    {"allowed_hosts": ["localhost", "photos.localhost", "127.0.0.1"]},
    {"host": "0.0.0.0", "published": "127.0.0.1"},  # a container
    {"host": "0.0.0.0", "published": "[::1]", "allowed_hosts": ["localhost"]},
]
EXPOSED: list[tuple[dict[str, Any], str]] = [
    ({"host": "0.0.0.0"}, "it listens on 0.0.0.0"),
    ({"host": "::"}, "it listens on ::"),
    ({"host": "192.168.1.5"}, "it listens on 192.168.1.5"),
    ({"host": "0.0.0.0", "published": "0.0.0.0"}, "its ports are published on 0.0.0.0"),
    ({"published": "192.168.1.5"}, "its ports are published on 192.168.1.5"),
    ({"allowed_hosts": ["localhost", NAME]}, f"PHOTOSEEK_ALLOWED_HOSTS names {NAME}"),
    ({"allowed_hosts": ["*"]}, "PHOTOSEEK_ALLOWED_HOSTS names *"),
    (
        {"host": "0.0.0.0", "published": "127.0.0.1", "allowed_hosts": [NAME]},
        f"PHOTOSEEK_ALLOWED_HOSTS names {NAME}",
    ),
]


@pytest.mark.parametrize("settings", HERE, ids=str)
def test_where_only_this_machine_reaches_it_no_key_is_needed(settings: dict[str, Any]) -> None:
    check_guarded(load_settings(**settings))


@pytest.mark.parametrize(("settings", "why"), EXPOSED, ids=str)
def test_where_others_reach_it_there_is_a_key_or_a_word(settings: dict[str, Any], why: str) -> None:
    for key_for in ("write", "all"):
        with pytest.raises(SettingsError) as refused:
            check_guarded(load_settings(**settings, api_key_for=key_for))
        message = str(refused.value)
        assert f"because {why}, and it has no key" in message
        assert "`openssl rand -hex 24`" in message
        assert "PHOTOSEEK_API_KEY_FOR=none" in message
        check_guarded(load_settings(**settings, api_key_for=key_for, api_key=KEY))
    check_guarded(load_settings(**settings, api_key_for="none"))


def test_a_flow_of_our_own_is_reached_by_nobody_else() -> None:
    settings = load_settings(host="0.0.0.0", published="0.0.0.0", allowed_hosts=[NAME])
    check_guarded(FlowProcess(settings, private=True).settings)
    with pytest.raises(SettingsError, match="its ports are published"):
        FlowProcess(settings, private=False).__enter__()


@pytest.mark.parametrize("start", ["serve", "flows"])
def test_where_others_reach_it_it_starts_with_its_key(start: str) -> None:
    """The key goes another way to the gateway than other settings do."""
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
        [sys.executable, *STARTS[start]],
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
