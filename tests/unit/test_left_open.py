"""A file of tests that leaves a socket open fails, and none of those after it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

IN_A_CIRCLE = """
import socket

def test_one():
    circle = [socket.socket()]
    circle.append(circle)

def test_two():
    pass
"""

OF_A_FIXTURE = """
import socket
import pytest

@pytest.fixture
def circle():
    circle = [socket.socket()]
    circle.append(circle)
    return circle

def test_one(circle):
    pass
"""

IN_ORDER = """
def test_three():
    pass
"""


def test_who_leaves_a_socket_open_is_blamed(tmp_path: Path) -> None:
    (tmp_path / "test_circle.py").write_text(IN_A_CIRCLE)
    (tmp_path / "test_fixture.py").write_text(OF_A_FIXTURE)
    (tmp_path / "test_order.py").write_text(IN_ORDER)
    options = ["-p", "tests.support.left_open", "-p", "no:cacheprovider", "-W", "error", "-rE"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1, run.stdout
    errors = [line.split()[1] for line in run.stdout.splitlines() if line.startswith("ERROR ")]
    assert errors == ["test_circle.py::test_two", "test_fixture.py::test_one"], run.stdout
    assert "unclosed <socket.socket" in run.stdout
