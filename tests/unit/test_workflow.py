"""What a server runs for each change, beside `.ci/run`: the quick lane on every Python."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "quick.yml").read_text("utf-8"))
JOB = WORKFLOW["jobs"]["quick"]


def test_it_runs_on_every_python_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    promised = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"])
    assert promised is not None
    pythons = [f"3.{minor}" for minor in range(int(promised[1]), int(promised[2]))]
    assert JOB["strategy"]["matrix"]["python"] == pythons


def test_its_commands_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    commands = [step["run"] for step in JOB["steps"] if "run" in step]
    assert commands == ["make PYTHON=python test"]
    for command in commands:
        assert re.search(rf"^{command.split()[-1]}:", makefile, re.MULTILINE)
