"""The page over an index that keeps no thumbnails, while some photos are gone as well."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from photoseek import PhotoSearch
from photoseek.demo.library import write_library
from photoseek.records import Photo
from photoseek.settings import load_settings
from photoseek.sources import open_source
from tests.support.browser import PHONE, WIDE, needs_browser, opened, settled, tiles, until
from tests.support.in_process import Running, running_service

pytestmark = needs_browser
PHOTOS = 12
LOADED = "image => image.dataset.loaded === '' && image.naturalWidth > 320"
COMPLAINT = "404"  # of the console: a thumbnail that is asked for and not there


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    folder = tmp_path_factory.mktemp("bare")
    write_library(folder, count=PHOTOS)
    with (folder / "photos.csv").open(newline="") as file:
        return [row | {"file": str(folder / row["path"])} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def service(
    rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """No thumbnail but that of the last photo, and no file of the last three."""
    manifest = Path(rows[0]["file"]).parent / "photos.csv"
    index = tmp_path_factory.mktemp("service") / "index"
    settings = load_settings(index=str(index), model="demo", uploads="off")
    with PhotoSearch(settings) as search:
        bare = search.index(manifest, keep="none")
        assert bare.indexed == PHOTOS, bare
        *_, last = open_source(str(manifest))
        assert isinstance(last, Photo)
        search.index_batch([last], [""], ["thumbnail"])
    for row in rows[-3:]:
        Path(row["file"]).unlink()
    with running_service(settings) as running:
        yield running


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def page(browser: Browser, service: Running, request: pytest.FixtureRequest) -> Iterator[Page]:
    with opened(browser, service.url, request.param, complaints=(COMPLAINT,)) as page:
        yield page


def tile(page: Page, row: dict[str, str]) -> Locator:
    return tiles(page).and_(page.locator(f"[href*='photo={row['id']}']"))


def test_each_photo_can_be_told_from_the_others(page: Page, rows: list[dict[str, str]]) -> None:
    page.goto("/?q=lighthouse")
    settled(page)
    expect(tiles(page)).to_have_count(PHOTOS)
    for row in rows[:-3]:
        tile(page, row).scroll_into_view_if_needed()
        image = tile(page, row).locator("img")
        expect(image).to_have_attribute("src", re.compile("/original$"))
        page.wait_for_function(LOADED, arg=image.element_handle())
    for row in rows[-3:-1]:
        tile(page, row).scroll_into_view_if_needed()
        expect(tile(page, row)).to_have_text(row["caption"])
        expect(tile(page, row).get_by_text(row["caption"])).to_be_in_viewport()
    expect(tile(page, rows[-1]).locator("img")).to_have_attribute("src", re.compile("/thumbnail"))


def test_the_view_says_what_it_shows(page: Page, rows: list[dict[str, str]]) -> None:
    note = page.locator(".picture-note")
    page.goto(f"/?photo={rows[0]['id']}")
    until(page, "() => document.querySelector('.picture-original')?.dataset.here === 'true'")
    expect(note).to_have_count(0)
    page.goto(f"/?photo={rows[-2]['id']}")
    expect(note).to_have_text("Neither the original nor a thumbnail of it can be shown here.")
    page.goto(f"/?photo={rows[-1]['id']}")
    expect(note).to_have_text("The original cannot be shown here; this is its thumbnail.")


def test_a_part_of_the_search_has_a_sign_where_it_has_no_picture(
    page: Page, rows: list[dict[str, str]]
) -> None:
    page.goto(f"/?q=id:{rows[0]['id']}")
    settled(page)
    chip = page.get_by_role("list", name="Parts of the search")
    expect(chip.locator(".chip-picture svg")).to_be_visible()
