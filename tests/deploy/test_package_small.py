"""The installation without PyTorch: what requirements-small.txt lists, and no more."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from photoseek.model.onnx_export import export_model
from tests.support.environments import OLDEST, UV, new_environment, run, take_what_is_compiled
from tests.support.terminal import ROOT

# After test_package.py, and in its worker: both install the same wheel.
pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("package")]

LEFT_OUT = {"torch", "torchvision", "timm"}


@pytest.fixture(scope="module")
def small(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its programs."""
    folder = tmp_path_factory.mktemp("small")
    programs = new_environment(OLDEST, folder / "venv")
    (wheel,) = built.glob("*.whl")
    packages: list[str | Path] = ["--no-deps", "-r", ROOT / "requirements-small.txt", wheel]
    run([*UV, "pip", "install", "-q", "--python", programs / "python", *packages], cwd=folder)
    take_what_is_compiled(folder / "venv")
    return programs


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which nothing finds the checkout."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path


def refused(command: Sequence[str | Path], cwd: Path) -> str:
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stdout
    return result.stderr


def test_it_lacks_pytorch_and_nothing_else(small: Path, away: Path) -> None:
    lacking = refused([*UV, "pip", "check", "--python", small / "python"], away)
    assert set(re.findall(r"requires `([\w-]+).*not installed", lacking)) == LEFT_OUT
    assert len(re.findall("requires", lacking)) == len(re.findall("not installed", lacking))


def test_it_indexes_and_searches_with_an_exported_model(
    small: Path, away: Path, drawings: Path
) -> None:
    export_model("demo", away / "demo", tell=lambda _: None)
    model, photoseek = ["--model", f"local-dir:{away / 'demo'}"], small / "photoseek"
    source = ["--source", str(drawings), "-n", "5"]
    assert json.loads(run([photoseek, "index", *source, *model, "--json"], away))["indexed"] == 5
    hits = run([photoseek, "search", "a red car", "--json", "-k", "3"], away).splitlines()
    assert [json.loads(hit)["rank"] for hit in hits] == [1, 2, 3]


def test_what_it_names_for_more_brings_no_pytorch(small: Path, away: Path, drawings: Path) -> None:
    photoseek = small / "photoseek"
    s3 = refused([photoseek, "index", "--source", "s3://photos/2026"], away)
    assert re.search(r" install .* boto3\n", s3)
    assert "photoseek[" not in s3
    demo = ["--source", str(drawings), "--model", "demo"]
    assert "PyTorch is not installed" in refused([photoseek, "index", *demo], away)
