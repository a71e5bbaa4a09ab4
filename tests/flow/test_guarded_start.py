"""Every way to start a gateway asks for a key where others reach it.

That it starts with one is shown in test_gateway_access.py, and for `-t serve` in
tests/commands/test_command_line.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.terminal import ROOT
from tests.support.waiting import PATIENCE

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
        timeout=PATIENCE,
        check=False,
    )
    assert "because it listens on 0.0.0.0, and it has no key" in done.stderr
    assert done.returncode == (1 if "jina" in start else 2)
    assert not any(Path.cwd().iterdir())
