"""A run on a Ray cluster of three machines, of which one is killed in the middle."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.killed_nodes import alone
from tests.support.terminal import ROOT

pytest.importorskip("ray")


@pytest.mark.timeout(600)
def test_a_machine_that_dies_costs_nothing_but_time() -> None:
    command = alone(["--times", "1", "--kind", "node"])
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 kills, and every photo is there once" in run.stdout
