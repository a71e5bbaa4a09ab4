"""Where the Flow's YAML and the executors are found: as files, by no package of their name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from photoseek.flow.environment import data_folder, flow_yaml

WHERE = "from photoseek.flow.environment import flow_yaml; print(flow_yaml())"


def _found(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", WHERE]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=folder)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """What a wheel puts beside the packages of others: photoseek alone."""
    package = tmp_path / "site" / "photoseek"
    for name in ("catalogue", "flow", "records", "settings"):
        shutil.copytree(data_folder() / "photoseek" / name, package / name)
    for name in ("__init__.py", "errors.py"):
        shutil.copy(data_folder() / "photoseek" / name, package)
    return package


def test_an_installed_package_brings_its_own(installed: Path) -> None:
    data = installed / "flow" / "data"
    for name in ("flows", "executors"):
        shutil.copytree(data_folder() / name, data / name)
    found = _found(installed.parent)
    assert Path(found.stdout.strip()) == data / "flows" / "photoseek.yml", found.stderr


def test_where_there_is_none_it_is_said(installed: Path) -> None:
    found = _found(installed.parent)
    assert "flows/photoseek.yml is neither in" in found.stderr
    assert "Install photoseek again" in found.stderr


def test_executors_are_named_by_files_beside_their_own() -> None:
    for executor in yaml.safe_load(flow_yaml().read_text("utf-8"))["executors"]:
        config = flow_yaml().parent / executor["uses"]
        for module in yaml.safe_load(config.read_text("utf-8"))["py_modules"]:
            assert (config.parent / module).is_file()
