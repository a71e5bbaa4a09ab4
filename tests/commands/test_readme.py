"""`make demo`, as README.md promises it. The other examples are run by test_guide."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from photoseek.client import Client
from photoseek.helpers.ports import free_ports
from tests.support.terminal import command
from tests.support.zygote import Forked

DRAWN = 150
"""Photos of the demo here; by itself it draws more."""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    http, grpc = free_ports(2)
    ports = ["--http-port", str(http), "--grpc-port", str(grpc)]
    with Forked(
        command("-t", "demo", "-n", str(DRAWN), *ports),
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        yield process, http
        process.kill()


def test_the_demo_draws_indexes_answers_and_serves(
    demo: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = demo
    assert process.stdout is not None
    shown = []
    for line in process.stdout:
        shown.append(line)
        if "Ctrl-C stops" in line:
            break
    text = "".join(shown)
    assert f"{DRAWN} drawings in data/demo/photos" in text
    assert f"{DRAWN} indexed" in text
    for query, words in {
        "red car at night": ("red", "car"),
        "sailing boat at sunset": ("boat",),
        "a cat in the forest": ("cat", "forest"),
    }.items():
        best = text.split(f"\n{query}\n")[1].splitlines()[0]
        assert best.split()[0] == "1"
        assert all(word in best for word in words), f"{query}: {best}"
    with Client(f"http://127.0.0.1:{port}") as client:
        assert client.status().photos == DRAWN
