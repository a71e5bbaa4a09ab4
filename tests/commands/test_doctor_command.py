"""`doctor` as people run it, on a machine where all is well and on one where nothing is."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from photoseek.helpers.ports import free_ports
from tests.support.terminal import OnTerminal, command, photoseek
from tests.support.web_server import running_server

WITHOUT = """
import importlib.util
import sys
from importlib.abc import MetaPathFinder

class Without(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "PACKAGE":
            raise ModuleNotFoundError("No module named 'PACKAGE'", name=name)

find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "PACKAGE" else find_spec(name, *more)
sys.meta_path.insert(0, Without())
"""
"""What Python runs at its start where it lies on the path: as if PACKAGE was not installed."""


@pytest.fixture
def ports() -> list[str]:
    """Options with two ports that nobody has."""
    http, grpc = map(str, free_ports(2))
    return ["--http-port", http, "--grpc-port", grpc]


def test_a_machine_on_which_all_is_well(drawings: Path, ports: list[str], tmp_path: Path) -> None:
    place = ["--index", str(tmp_path / "index"), "--model", "demo", *ports]
    indexed = photoseek("-t", "index", "--source", drawings, "-n", "5", *place)
    assert indexed.returncode == 0, indexed.stderr
    result = photoseek("-t", "doctor", "--json", *place, cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    found = {(line := json.loads(text))["name"]: line for text in result.stdout.splitlines()}
    assert {"Python", "settings", "memory", "index", "torch", "device", "weights", "speed"} <= set(
        found
    )
    assert all(line["state"] != "wrong" for line in found.values())
    assert found["index"]["found"].endswith("5 photos, model demo; a search looks at every photo.")
    assert "photos/s with demo on cpu" in found["speed"]["found"]

    lines = [line.split("\t") for line in photoseek("-t", "doctor", *place).stdout.splitlines()]
    assert [cells[:2] for cells in lines] == [[line["state"], name] for name, line in found.items()]

    terminal = OnTerminal("-t", "doctor", *place, cwd=tmp_path)
    assert terminal.end() == 0
    assert "✓  Python" in terminal.shown
    assert terminal.shown.rstrip().endswith(("All is well.", "to look at."))


def test_a_machine_on_which_nothing_is(ports: list[str], tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT.replace("PACKAGE", "torch"))
    (tmp_path / ".env").write_bytes(b"PHOTOSEEK_INDX=x\nPHOTOSEEK_HOST=\xff\xfe{{{\n")
    (tmp_path / "index" / "photos.lance" / "data").mkdir(parents=True)
    (tmp_path / "index" / "photos.lance" / "data" / "0.lance").write_bytes(b"\x00" * 100)
    (tmp_path / "uploads").write_text("a file")
    broken = {
        "PYTHONPATH": str(tmp_path),
        "PHOTOSEEK_PRECISION": "fp7",
        "PHOTOSEEK_UPLOADS": "uploads",
        "PHOTOSEEK_BATCHES": "3",
        "HF_HUB_OFFLINE": "1",
    }
    with running_server({}) as other:
        held = ["--http-port", other.url.rpartition(":")[2], *ports[2:]]
        result = subprocess.run(
            [*command("-t", "doctor", "--json", "--index", "index"), *held],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | broken,
            timeout=240,
        )
    assert result.returncode == 1
    assert "Traceback" not in result.stdout + result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert all(line["found"] for line in found)
    wrong = {line["name"] for line in found if line["state"] == "wrong"}
    assert wrong == {"settings", "folder of uploads", "index", "torch", "weights"}
    assert [line["state"] for line in found if line["name"] == f"port {held[1]}"] == ["warn"]
    [torch] = [line for line in found if line["name"] == "torch"]
    assert "install torch torchvision" in torch["mend"]


@pytest.mark.parametrize("package", ["numpy", "pydantic", "rich"])
def test_without_a_package_that_all_tasks_need_that_is_said(package: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT.replace("PACKAGE", package))
    result = subprocess.run(
        command("-t", "doctor"),
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        timeout=240,
    )
    assert result.returncode == 1
    assert result.stderr.startswith(f"The Python package {package} is not installed, and photoseek")
    assert "Traceback" not in result.stderr
