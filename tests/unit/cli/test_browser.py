"""Whether `serve` opens the page in the browser of whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from photoseek.cli.browser import has_person
from photoseek.settings import load_settings
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
DESKTOP = {"DISPLAY": ":0"}
URL = "http://127.0.0.1:8080"
OPEN = "import sys; from photoseek.cli.browser import open_page; open_page(sys.argv[1]).result(60)"


def opens(
    environment: Mapping[str, str],
    *,
    platform: str = "linux",
    at_terminal: bool = True,
    **given: bool,
) -> bool:
    return has_person(
        load_settings(**given),
        environment=environment,
        platform=platform,
        at_terminal=at_terminal,
        is_container=False,
    )


@pytest.mark.parametrize(
    ("environment", "platform"),
    [
        (DESKTOP, "linux"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux"),
        ({}, "darwin"),
        ({}, "win32"),
        (DESKTOP | {"BROWSER": "firefox"}, "linux"),
    ],
)
def test_it_opens_for_a_person_at_this_machine(environment: dict[str, str], platform: str) -> None:
    assert opens(environment, platform=platform)


@pytest.mark.parametrize(
    ("environment", "platform"),
    [
        ({}, "linux"),
        (DESKTOP | {"SSH_CONNECTION": "10.0.0.2 5000 10.0.0.1 22"}, "linux"),
        ({"SSH_TTY": "/dev/pts/0"}, "darwin"),
        (DESKTOP | {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "linux"),
        (DESKTOP | {"container": "podman"}, "linux"),
        (DESKTOP | {"BROWSER": "none"}, "linux"),
        ({"BROWSER": "False"}, "darwin"),
    ],
)
def test_it_opens_for_nobody_else(environment: dict[str, str], platform: str) -> None:
    assert not opens(environment, platform=platform)


def test_a_script_and_who_does_not_want_it_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not opens(DESKTOP, at_terminal=False)
    assert not opens(DESKTOP, open=False)
    monkeypatch.setenv("PHOTOSEEK_OPEN", "false")
    assert not opens(DESKTOP)


def test_a_container_has_no_screen() -> None:
    given = {"environment": DESKTOP, "platform": "linux", "at_terminal": True}
    assert not has_person(load_settings(), is_container=True, **given)  # type: ignore[arg-type]


def opened_by(name: str, folder: Path, **environment: str) -> str:
    """What a browser of that name, which is the only one, was told to open."""
    told = folder / "told"
    browser = folder / name
    browser.write_text(f'#!/bin/sh\necho "$1" > {told}\n')
    browser.chmod(0o755)
    clean = {"PATH": str(folder), "PYTHONPATH": str(ROOT), "HOME": str(folder)} | environment
    command = [sys.executable, "-c", OPEN, URL]
    subprocess.run(command, env=clean, check=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    return told.read_text().strip() if told.is_file() else ""


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="has a way of its own")
def test_the_browser_is_told_the_address(tmp_path: Path) -> None:
    mine = tmp_path / "my-browser"
    assert opened_by("my-browser", tmp_path, BROWSER=f"{mine} %s", DISPLAY=":0") == URL


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="has a way of its own")
def test_a_browser_for_terminals_does_not_take_the_one_that_serves(tmp_path: Path) -> None:
    assert opened_by("w3m", tmp_path, DISPLAY=":0") == ""
    assert opened_by("w3m", tmp_path, DISPLAY=":0", BROWSER="w3m") == URL, "it is wanted"
