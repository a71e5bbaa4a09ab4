"""What a server runs for each change, beside `.ci/run`: the quick lane on every Python."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".github" / "workflows" / "quick.yml"
WORKFLOW = yaml.safe_load(FILE.read_text("utf-8"))
JOB = WORKFLOW["jobs"]["quick"]


def test_it_runs_on_every_python_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    promised = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"])
    assert promised is not None
    pythons = [f"3.{minor}" for minor in range(int(promised[1]), int(promised[2]))]
    assert JOB["strategy"]["matrix"]["python"] == pythons


def test_it_is_written_as_github_reads_it() -> None:
    check = Path(sys.executable).parent / "check-jsonschema"
    result = subprocess.run(
        [check, "--builtin-schema", "vendor.github-workflows", FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_its_commands_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    commands = [step["run"] for step in JOB["steps"] if "run" in step]
    assert commands == ["make PYTHON=python test"]
    for command in commands:
        assert re.search(rf"^{command.split()[-1]}:", makefile, re.MULTILINE)
