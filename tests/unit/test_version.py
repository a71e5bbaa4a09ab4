"""One version, wherever it stands."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from photoseek import __version__

ROOT = Path(__file__).parents[2]


def test_every_place_names_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]  # it comes from the package
    assert project["tool"]["hatch"]["version"]["path"] == "photoseek/__init__.py"
    page = json.loads((ROOT / "web" / "package.json").read_text())
    locked = json.loads((ROOT / "web" / "package-lock.json").read_text())
    cluster = (ROOT / "infra" / "kubernetes" / "site" / "kustomization.yaml").read_text()
    assert {
        page["version"],
        locked["version"],
        locked["packages"][""]["version"],
        *re.findall(r"newTag: (\S+)", cluster),
    } == {__version__}


def test_the_changelog_begins_with_it() -> None:
    """What is not released yet may stand above."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert next(version for version in versions if version != "Unreleased") == __version__
