"""The page over a library that changes, behind a key, served by a Flow as it is deployed.

Other tests of the page have one process behind it; what goes away and comes back needs several.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from photoseek.client import Client
from photoseek.demo.library import write_library
from photoseek.indexing.run import index_photos
from photoseek.settings import Settings, load_settings
from photoseek.sources import open_source
from tests.support.browser import drop, names, needs_browser, opened, settled, tiles
from tests.support.forked_flow import ForkedFlow
from tests.support.waiting import wait_until

pytestmark = needs_browser
KEY = "open-sesame-open-sesame"
PHOTOS = 12
LONG_TAG = "Donaudampfschifffahrtsgesellschaftskapitän" * 2


class Service:
    """A Flow that can be ended and started again at the same address."""

    def __init__(self, settings: Settings) -> None:
        self._stack = ExitStack()
        self.flow = self._stack.enter_context(ForkedFlow(settings, private=True))
        self.url = self.flow.url

    def lose_the_encoder(self) -> None:
        """End one executor as a crash would."""
        ports = {self.flow.settings.http_port, self.flow.settings.grpc_port}
        children = psutil.Process(self.flow.pid).children(recursive=True)
        for process in children:
            listening = {
                connection.laddr.port
                for connection in process.net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            }
            if listening and not listening & ports:
                process.kill()
                break
        with Client(self.url, api_key=KEY) as client:
            wait_until(lambda: not client.ready(), "the gateway to notice")

    def come_back(self) -> None:
        self._stack.close()
        self.flow = self._stack.enter_context(ForkedFlow(self.flow.settings, private=False))

    def stop(self) -> None:
        self._stack.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("page")
    write_library(folder / "photos", count=PHOTOS)
    settings = load_settings(
        index=str(folder / "index"),
        uploads=str(folder / "uploads"),
        model="demo",
        api_key=KEY,
        api_key_for="all",
    )
    service = Service(settings)
    try:
        with Client(service.url, api_key=KEY) as client:
            report = index_photos(open_source(str(folder / "photos" / "photos.csv")), client)
        assert report.indexed == PHOTOS, report
        yield service
    finally:
        service.stop()


@contextmanager
def visit(browser: Browser, service: Service, *complaints: str) -> Iterator[Page]:
    """The page of somebody who has typed the key."""
    with opened(browser, service.url, complaints=("401", *complaints)) as page:
        page.goto("/")
        page.get_by_label("API key").fill(KEY)
        page.keyboard.press("Enter")
        expect(tiles(page)).not_to_have_count(0)
        yield page


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A photo that is in no library."""
    path = tmp_path / "stripes.jpg"
    stripes = Image.new("RGB", (640, 400), "#d62d30")
    stripes.paste("#facf2e", (0, 100, 640, 180))
    stripes.paste("#2c68ce", (0, 250, 640, 330))
    stripes.save(path, quality=90)
    return path


def test_the_key_is_asked_for_once(browser: Browser, service: Service) -> None:
    with opened(browser, service.url, complaints=("401",)) as page:
        page.goto("/")
        field = page.get_by_label("API key")
        field.fill("a wrong key that is long enough")
        page.keyboard.press("Enter")
        expect(page.get_by_text("That is not the key.")).to_be_visible()
        field.fill(KEY)
        page.keyboard.press("Enter")
        expect(tiles(page)).to_have_count(PHOTOS)
        loaded = "() => document.querySelector('.tile img')?.naturalWidth > 0"
        page.wait_for_function(loaded)  # images come with a cookie instead of the key
        page.reload()
        expect(tiles(page)).to_have_count(PHOTOS)
        expect(page.get_by_label("API key")).to_have_count(0)


def test_photos_are_added_found_deduplicated_and_deleted(
    browser: Browser, service: Service, picture: Path, tmp_path: Path
) -> None:
    notes, broken, copy = (tmp_path / name for name in ("notes.txt", "broken.jpg", "copy.jpg"))
    notes.write_text("no picture at all")
    broken.write_text("no picture either")
    Image.open(picture).save(copy, quality=60)
    with visit(browser, service, "422", "409") as page:
        drop(page, "Add to the library", picture, notes, broken)
        dialog = page.get_by_role("dialog", name="Add to the library")
        rows = dialog.get_by_role("list", name="Files").get_by_role("listitem")
        dialog.get_by_text("Describe them").click()
        dialog.get_by_label("Caption").fill("Three stripes of signal paint")
        dialog.get_by_label("Tags").fill(f"stripes, paint, {LONG_TAG}")
        dialog.get_by_role("button", name="Add 2 photos").click()
        expect(dialog.get_by_role("status")).to_have_text(
            "1 added, 1 could not be addednotes.txt is left out: by its name it is no picture."
        )
        expect(rows.nth(0).get_by_role("alert")).to_contain_text("File is no picture")
        expect(rows.nth(1)).to_contain_text("Added")
        expect(dialog.get_by_role("button", name="Try again")).to_have_count(0)
        dialog.get_by_role("button", name="Leave out broken.jpg").click()

        dialog.get_by_label("Photos to add").set_input_files(copy)
        dialog.get_by_role("button", name="Add 1 photo").click()
        expect(rows.nth(1)).to_contain_text("Added")
        page.keyboard.press("Escape")  # although what had the focus is gone
        expect(dialog).to_have_count(0)

        drop(page, "Add to the library", picture)
        dialog.get_by_role("button", name="Add 1 photo").click()
        expect(rows.nth(0)).to_contain_text("in the library already")
        dialog.get_by_role("button", name="Show").click()
        photo = page.get_by_role("dialog", name="Three stripes of signal paint")
        expect(photo.get_by_role("button", name="paint", exact=True)).to_be_visible()
        too_wide = "node => node.scrollWidth > node.clientWidth"
        assert not photo.evaluate(too_wide), "a long tag breaks"
        page.keyboard.press("Escape")

        drop(page, "Search with this picture", picture)
        page.wait_for_url("**vector**")
        settled(page)
        assert names(page).count("Three stripes of signal paint") == 1
        badge = page.get_by_role("button", name="1 near-duplicate of Three stripes")
        badge.click()
        assert names(page)[:2] == ["Three stripes of signal paint"] * 2
        badge.click()
        assert names(page).count("Three stripes of signal paint") == 1
        page.get_by_role("switch", name="Hide duplicates").click()
        settled(page)
        assert names(page)[:2] == ["Three stripes of signal paint"] * 2

        for left in (1, 0):
            tiles(page).first.click()
            photo.get_by_role("button", name="Delete from the library").click()
            question = page.get_by_role("dialog", name="Delete this photo?")
            expect(question).to_contain_text("stays out when its folder or list is indexed again")
            question.get_by_role("button", name="Delete").click()
            expect(page.get_by_role("dialog")).to_have_count(0)
            expect(page.locator(".tile:has(img[alt^='Three stripes'])")).to_have_count(left)
            expect(page.locator("body:focus, #photos:focus")).to_have_attribute("id", "photos")
        expect(page.get_by_text(f"{PHOTOS} photos, best first")).to_be_visible()


def test_a_folder_can_be_dropped(browser: Browser, service: Service, tmp_path: Path) -> None:
    deep = tmp_path / "holiday" / "first day"
    deep.mkdir(parents=True)
    for path in (deep / "sea.jpg", tmp_path / "holiday" / "town.jpg", deep / ".sea.jpg"):
        Image.new("RGB", (300, 200), "#2c68ce").save(path)
    (deep / "diary.txt").write_text("We came late.")
    with visit(browser, service) as page:
        mouse = page.context.new_cdp_session(page)
        files = {"items": [], "files": [str(tmp_path / "holiday")], "dragOperationsMask": 1}

        def drag(event: str, x: float, y: float) -> None:
            said = {"type": event, "x": x, "y": y, "data": files}
            mouse.send("Input.dispatchDragEvent", said)

        drag("dragEnter", 640, 430)
        box = page.locator(".drop-zone", has_text="Add to the library").bounding_box()
        assert box is not None
        for event in ("dragOver", "drop"):
            drag(event, box["x"] + 50, box["y"] + 50)
        dialog = page.get_by_role("dialog", name="Add to the library")
        expect(dialog.get_by_role("button", name="Add 2 photos")).to_be_visible()
        expect(dialog.get_by_role("listitem")).to_contain_text(["sea.jpg", "town.jpg"])
        expect(dialog.get_by_role("status")).to_have_text(
            "diary.txt is left out: by its name it is no picture."
        )


def test_the_service_goes_away_and_comes_back(browser: Browser, service: Service) -> None:
    with visit(browser, service, "503", "502", "504", "ERR_CONNECTION", "500") as page:
        box = page.get_by_role("textbox", name="Search photos")
        service.lose_the_encoder()
        box.fill("a red car")
        expect(page.get_by_text("The search service is not available")).to_be_visible()
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        service.come_back()
        expect(tiles(page)).to_have_count(PHOTOS)
        assert names(page)[0].startswith("A red car")
