"""A person who opens the page first: an empty library, a folder that is chosen, and its photos."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from photoseek.demo.library import write_library
from photoseek.settings import load_settings
from tests.support.axe import serious_problems
from tests.support.browser import PHONE, WIDE, needs_browser, opened, settled, tiles
from tests.support.in_process import Running, running_service

pytestmark = needs_browser
PHOTOS = 40
SLOW = 60_000  # milliseconds that indexing may take on a busy machine


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of a person with drawings, and one picture that is broken."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "Pictures" / "Holidays"
    write_library(folder, count=PHOTOS)
    for table in folder.glob("*.csv"):
        table.unlink()
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no photo")
    write_library(home / "Pictures" / "Birthday", count=3)
    return home


@pytest.fixture
def home(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person sits at this machine."""
    monkeypatch.setenv("HOME", str(drawn))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.fixture
def service(home: None, tmp_path: Path) -> Iterator[Running]:
    settings = load_settings(
        index=str(tmp_path / "index"), model="demo", uploads=str(tmp_path / "uploads")
    )
    with running_service(settings) as service:
        yield service


def test_a_folder_is_indexed_without_the_terminal(browser: Browser, service: Running) -> None:
    with opened(browser, service.url) as page:
        page.goto("/")
        expect(page.get_by_role("heading", name="Choose a folder with your photos")).to_be_visible()
        page.get_by_role("button", name="Pictures").click()
        page.get_by_role("button", name=f"Holidays {PHOTOS + 1} photos").click()
        expect(page.get_by_text(f"{PHOTOS + 1} photos in here")).to_be_visible()
        page.get_by_role("button", name="Index this folder").click()
        expect(page.get_by_role("progressbar", name="Photos dealt with")).to_be_visible()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()

        done = page.get_by_role("heading", name="Holidays is in your library")
        expect(done).to_be_visible(timeout=SLOW)
        expect(tiles(page)).to_have_count(PHOTOS)
        page.get_by_text("1 photo left out").click()
        expect(page.get_by_text("JPEG picture is damaged")).to_be_visible()

        # Somebody else who opens the page, or the same person later, sees it too.
        with opened(browser, service.url, PHONE) as later:
            later.goto("/")
            expect(later.get_by_role("heading", name="Holidays is in your library")).to_be_visible()
        page.get_by_role("button", name="Put this away").click()
        expect(done).to_have_count(0)

        page.get_by_role("textbox", name="Search photos").fill("red car")
        page.wait_for_url("**q=red+car**")
        settled(page)
        expect(page.get_by_text(f"{PHOTOS} photos, best first")).to_be_visible()


def test_a_further_folder_is_added_by_keyboard_alone(browser: Browser, service: Running) -> None:
    with opened(browser, service.url) as page:
        page.goto("/")
        _open_by_keyboard(page, "Pictures", "Birthday")
        page.get_by_role("button", name="Index this folder").focus()
        page.keyboard.press("Enter")
        expect(tiles(page)).to_have_count(3, timeout=SLOW)

        page.get_by_role("button", name="Add photos").press("Enter")
        page.get_by_role("button", name="Index a folder of this computer").press("Enter")
        expect(page.get_by_role("dialog", name="Index a folder")).to_be_visible()
        _open_by_keyboard(page, "Pictures", "Holidays")
        page.get_by_role("button", name="Index this folder").press("Enter")
        expect(page.get_by_role("dialog")).to_have_count(0)
        done = page.get_by_role("heading", name="Holidays is in your library")
        expect(done).to_be_visible(timeout=SLOW)
        page.reload()
        expect(page.get_by_text(f"{PHOTOS + 3} photos, newest first")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "narrow"])
def test_axe_finds_nothing_serious_on_the_first_page(
    browser: Browser, service: Running, size: tuple[int, int]
) -> None:
    with opened(browser, service.url, size) as page:
        page.goto("/")
        page.get_by_role("button", name="Pictures").click()
        expect(page.get_by_role("button", name="Index this folder")).to_be_enabled()
        assert serious_problems(page) == []
        _fits(page)
        page.get_by_role("button", name="Birthday").click()
        page.get_by_role("button", name="Index this folder").click()
        done = page.get_by_role("heading", name="Birthday is in your library")
        expect(done).to_be_visible(timeout=SLOW)
        assert serious_problems(page) == []
        _fits(page)


def test_somebody_elsewhere_is_told_the_commands(browser: Browser, tmp_path: Path) -> None:
    settings = load_settings(
        index=str(tmp_path / "other"),
        model="demo",
        allowed_hosts=["photos.example"],
        api_key_for="none",
    )
    with running_service(settings) as service, opened(browser, service.url, PHONE) as page:
        page.goto("/")
        expect(page.get_by_role("heading", name="The library is empty")).to_be_visible()
        commands = page.get_by_role("list", name="Commands").get_by_role("listitem")
        expect(commands).to_have_count(2)
        for command in commands.all():
            box = command.locator("code").bounding_box()
            assert box is not None
            assert box["height"] < 40, "a command stays on one line"
        expect(page.get_by_role("button", name=re.compile("Index"))).to_have_count(0)
        assert serious_problems(page) == []


def _open_by_keyboard(page: Page, *folders: str) -> None:
    """From one folder into the next: Tab leads from its name to those in it."""
    for name in folders:
        page.get_by_role("button", name=re.compile(f"^{name}")).press("Enter")
        here = page.get_by_role("navigation", name="Where this folder is").get_by_text(
            name, exact=True
        )
        expect(here).to_be_focused()


def _fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
