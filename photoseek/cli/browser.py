"""Opening the page in the browser of a person who sits at this machine."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from photoseek.helpers.deadlines import in_background
from photoseek.settings import Settings

NO = frozenset({"0", "false", "no", "none", "off"})
"""Values of BROWSER that name no browser, as other programs take them."""

_OVER_SSH = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_IN_CONTAINERS = ("/.dockerenv", "/run/.containerenv")
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def open_page(url: str) -> Future[None]:
    """Open the page, without waiting for it; gives when the browser was told.

    Browsers for terminals open only where BROWSER names one.
    """
    return in_background(lambda: _open(url), "browser")


def has_person(
    settings: Settings,
    *,
    environment: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
    at_terminal: bool | None = None,
    is_container: bool | None = None,
) -> bool:
    """Whether a person at a terminal of this very machine is glad of a browser.

    Not over SSH, in a container or without a screen: there it would open for nobody.
    """
    if at_terminal is None:
        at_terminal = _is_terminal()
    if not (settings.open and at_terminal):
        return False
    if environment.get("BROWSER", "").strip().lower() in NO:
        return False
    if any(environment.get(name) for name in (*_OVER_SSH, "KUBERNETES_SERVICE_HOST", "container")):
        return False
    if is_container is None:
        is_container = any(Path(sign).exists() for sign in _IN_CONTAINERS)
    if is_container:
        return False
    has_screen = any(environment.get(name) for name in _SCREENS)
    return has_screen or platform in ("darwin", "win32")


def _is_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _open(url: str) -> None:
    with suppress(webbrowser.Error, OSError):
        browser = webbrowser.get()
        is_for_terminals = type(browser) is webbrowser.GenericBrowser
        if os.environ.get("BROWSER") or not is_for_terminals:
            browser.open(url)
