"""Whether `serve` opens the page in the browser of whoever started it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from photoseek.cli.browser import has_person
from photoseek.settings import load_settings

DESKTOP = {"DISPLAY": ":0"}


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
