"""Models from a hub: a server on this machine speaks the part of the protocol that is needed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from photoseek.model import load_model
from tests.models import save_model

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from photoseek.errors import PhotoseekError
from photoseek.model import load_model
try:
    print(load_model(sys.argv[1]).identity.fingerprint)
except PhotoseekError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub")
    save_model(folder, seed=7)
    return folder


@pytest.fixture(scope="module")
def hub(folder: Path) -> Iterator[str]:
    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            path = folder / Path(self.path).name
            if not self.path.startswith("/photoseek/tiny/resolve/main/") or not path.is_file():
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            data = path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.end_headers()
            if body:
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def load(name: str, endpoint: str, home: Path) -> str:
    """What a fresh process prints that loads a model with this hub and this cache."""
    environment = os.environ | {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": str(ROOT),
    }
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, name],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_a_model_is_fetched_once_and_then_found_without_a_network(
    hub: str, folder: Path, tmp_path: Path
) -> None:
    expected = load_model(f"local-dir:{folder}").identity.fingerprint
    assert load("hf-hub:photoseek/tiny", hub, tmp_path) == expected
    assert load("hf-hub:photoseek/tiny", "http://no-such-host.invalid", tmp_path) == expected


def test_a_model_that_the_hub_does_not_have_is_told(hub: str, tmp_path: Path) -> None:
    said = load("hf-hub:photoseek/other", hub, tmp_path)
    assert said.startswith("WeightsError The weights of the model 'hf-hub:photoseek/other'")
    assert "--model demo" in said


@pytest.mark.parametrize("name", ["ViT-B-32:laion2b_s34b_b79k", "hf-hub:photoseek/tiny"])
def test_without_a_network_it_says_so_at_once(name: str, tmp_path: Path) -> None:
    said = load(name, "http://no-such-host.invalid", tmp_path)
    assert said.startswith(f"WeightsError The weights of the model '{name}' cannot be had")
    assert "local-dir:FOLDER" in said
