"""The page in a real Chromium, and what tests do with it again and again."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    JSHandle,
    Locator,
    Page,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "web" / "dist" / "index.html"
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first draws no window around its pages: half of the work."""

QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic",
    "--disable-component-update", "--disable-sync", "--no-first-run",
    "--disable-threaded-animation",
]  # fmt: skip
WIDE = (1280, 860)
PHONE = (390, 844)
SECONDS = 60_000  # milliseconds that something may take on a busy machine
expect.set_options(timeout=SECONDS)

MADE_FILES = """files => {
  const transfer = new DataTransfer();
  for (const { name, type, data } of files) {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  return transfer;
}"""


def chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


needs_browser = [
    pytest.mark.skipif(
        chromium() is None, reason="No Chromium here: apt-get install chromium-headless-shell"
    ),
    pytest.mark.skipif(not BUILT.is_file(), reason="The page is not built: make web"),
]


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    url: str,
    size: tuple[int, int] = WIDE,
    *,
    complaints: tuple[str, ...] = (),
) -> Iterator[Page]:
    """A fresh visitor's page, which must end without an error in its console.

    Lines of the console that contain one of `complaints` are what a test is about.
    """
    phone = size[0] < 600
    context: BrowserContext = browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="light",
        has_touch=phone,
        is_mobile=phone,
        accept_downloads=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(SECONDS)
    page = context.new_page()
    with without_errors(page, complaints):
        try:
            yield page
        finally:
            context.close()


@contextmanager
def without_errors(page: Page, complaints: tuple[str, ...] = ()) -> Iterator[None]:
    """Inside, the console of a page may tell of no error but of `complaints`."""
    said: list[str] = []

    def hear(line: ConsoleMessage) -> None:
        if line.type == "error":
            said.append(line.text)

    def catch(error: Error) -> None:
        said.append(str(error))

    page.on("console", hear)
    page.on("pageerror", catch)
    try:
        yield
    finally:
        page.remove_listener("console", hear)
        page.remove_listener("pageerror", catch)
    unexpected = [line for line in said if not any(known in line for known in complaints)]
    assert not unexpected, unexpected


def visit_afresh(page: Page, url: str) -> None:
    """Open the page as somebody who never was here, in a window that was used before."""
    if urlsplit(page.url).scheme == "http":
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.context.clear_cookies()
    page.goto(url)  # by way of about:blank it would be another process


def tiles(page: Page) -> Locator:
    return page.get_by_role("region", name="Photos", exact=True).locator(".tile-link")


def names(page: Page) -> list[str]:
    """The captions of the photos in the grid."""
    found: list[str] = tiles(page).locator("img").evaluate_all("all => all.map(one => one.alt)")
    return found


def query(page: Page) -> str:
    """What the address searches for."""
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]


def parameter(page: Page, name: str) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get(name, [])


def until(page: Page, condition: str, argument: object = None) -> None:
    """Wait for a condition in JavaScript."""
    page.wait_for_function(condition, arg=argument, timeout=SECONDS)


def until_query(page: Page, part: str) -> None:
    """Wait until the address searches for that, and the answer is shown."""
    until(page, "part => new URLSearchParams(location.search).get('q')?.includes(part)", part)
    settled(page)


def settled(page: Page) -> None:
    """Wait until no search is on its way."""
    until(page, "() => document.querySelector('.progress')?.dataset.busy === 'false'")


def files_of(page: Page, *paths: Path) -> JSHandle:
    """A DataTransfer, as a browser makes for files that are dragged or pasted."""
    files = [
        {
            "name": path.name,
            "type": "image/jpeg" if path.suffix == ".jpg" else "text/plain",
            "data": base64.b64encode(path.read_bytes()).decode(),
        }
        for path in paths
    ]
    return page.evaluate_handle(MADE_FILES, files)


def paste(page: Page, *paths: Path) -> None:
    transfer = files_of(page, *paths)
    page.evaluate(
        "data => document.body.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))",
        transfer,
    )


def drop(page: Page, zone: str, *paths: Path) -> None:
    """Drag files over the window and drop them on a zone."""
    transfer = files_of(page, *paths)
    page.dispatch_event("body", "dragenter", {"dataTransfer": transfer})
    target = page.locator(".drop-zone", has_text=zone)
    target.dispatch_event("dragover", {"dataTransfer": transfer})
    target.dispatch_event("drop", {"dataTransfer": transfer})
