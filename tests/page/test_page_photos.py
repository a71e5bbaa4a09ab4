"""Looking at photos in the page and taking them along, on any screen and by anybody."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile

from playwright.sync_api import Browser, Page, expect

from tests.support.axe import PAPER, serious_problems
from tests.support.browser import (
    BUILT,
    PHONE,
    needs_browser,
    opened,
    parameter,
    settled,
    tiles,
    until,
)
from tests.support.in_process import Running

pytestmark = needs_browser


def test_a_photo_tells_what_is_known_of_it(page: Page, rows: list[dict[str, str]]) -> None:
    row = rows[7]
    page.goto(f"/?photo={row['id']}")
    dialog = page.get_by_role("dialog", name=row["caption"])
    expect(dialog).to_be_visible()
    for fact in (row["photographer"], row["licence"], row["id"], row["place"]):
        expect(dialog.get_by_text(fact, exact=True).first).to_be_visible()
    until(page, "() => document.querySelector('.picture-original')?.naturalWidth >= 640")

    dialog.get_by_role("button", name="Copy the attribution").click()
    expect(page.locator(".notice")).to_contain_text("on the clipboard")
    assert row["photographer"] in page.evaluate("() => navigator.clipboard.readText()")

    with page.expect_download() as download:
        dialog.get_by_role("link", name="Download").click()
    assert download.value.path().read_bytes()[:2] == b"\xff\xd8"

    similar = dialog.get_by_role("region", name="Similar photos").locator(".tile-link")
    other = similar.first.locator("img").get_attribute("alt")
    similar.first.click()
    expect(page.get_by_role("dialog", name=str(other))).to_be_visible()
    page.go_back()
    expect(dialog).to_be_visible()

    dialog.get_by_role("button", name="Show the picture on the whole screen").click()
    expect(page.locator(".yarl__slide_current img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".yarl__root")).to_have_count(0)
    expect(dialog).to_be_visible()
    tags = dialog.get_by_role("list", name="Tags")
    tags.get_by_role("button", name=rows[7]["place"], exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert parameter(page, "tags") == [row["place"]]


def test_a_selection_is_packed_with_its_attributions(page: Page) -> None:
    first = page.locator(".tile").nth(1)
    first.hover()
    first.get_by_role("button", name="Select").click()
    tiles(page).nth(4).click(modifiers=["Shift"])
    expect(page.get_by_text("4 photos selected")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download zip").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        inside = archive.namelist()
        table = archive.read("attributions.csv").decode("utf-8-sig")
    assert len([name for name in inside if name.endswith(".jpg")]) == 4, inside
    assert len(list(csv.DictReader(io.StringIO(table)))) == 4
    page.get_by_role("button", name="Clear the selection").click()
    expect(page.get_by_text("4 photos selected")).to_have_count(0)


def test_the_library_tells_of_itself_and_themes_switch(page: Page) -> None:
    page.get_by_role("button", name="This library").click()
    dialog = page.get_by_role("dialog", name="This library")
    expect(dialog.get_by_text("60 photos")).to_be_visible()
    expect(dialog.get_by_text("demo", exact=False).first).to_be_visible()
    page.keyboard.press("Escape")
    light = page.evaluate(PAPER)
    page.get_by_role("button", name="Theme: as the system").click()
    page.get_by_role("button", name="Theme: light").click()
    assert page.evaluate(PAPER) != light
    page.reload()
    assert page.evaluate(PAPER) != light


def test_a_phone_shows_it_all(browser: Browser, service: Running) -> None:
    with opened(browser, service.url, PHONE) as page:
        page.goto("/?q=red+car+-+night")
        settled(page)
        too_wide = "() => document.documentElement.scrollWidth > innerWidth"
        assert not page.evaluate(too_wide)
        bar = page.locator(".results-bar").bounding_box()
        assert bar is not None
        assert bar["height"] < 80, "one row above the photos"
        page.get_by_role("button", name="Sort and filter").tap()
        sheet = page.get_by_role("dialog", name="Sort and filter")
        sheet.get_by_label("Sort by").select_option("Size, largest")
        sheet.get_by_role("switch", name="Keywords too").tap()
        sheet.get_by_label("portrait").check()
        sheet.get_by_role("button", name=re.compile(r"^Show \d+ photo")).tap()
        settled(page)
        assert parameter(page, "orientation") == ["portrait"]
        assert (parameter(page, "sort"), parameter(page, "mode")) == (["pixels"], ["hybrid"])
        tiles(page).first.tap()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert not page.evaluate(too_wide)
        page.get_by_role("button", name="Close").tap()
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_stands_above_and_below_the_photos_fits(browser: Browser, service: Running) -> None:
    with opened(browser, service.url) as page:
        page.goto("/?q=red+car+%2B+fog")
        settled(page)
        for width in (320, 400, 720, 900, 1024, 1199, 1200):
            page.set_viewport_size({"width": width, "height": 700})
            bar = page.locator(".results-bar").bounding_box()
            assert bar is not None
            assert bar["height"] < 80, f"{width} pixels"
            expect(page.get_by_label("Sort by")).to_have_count(1 if width >= 900 else 0)
        page.set_viewport_size({"width": 320, "height": 568})
        tiles(page).first.hover()
        page.get_by_role("button", name=re.compile("^Select ")).first.click()
        selection = page.get_by_role("region", name="Selection").bounding_box()
        assert selection is not None
        assert 0 <= selection["x"] <= 320 - selection["width"]


def test_the_grid_stands_in_a_page_that_is_turned_from_right_to_left(page: Page) -> None:
    page.evaluate("document.documentElement.dir = 'rtl'")  # as a translating browser does
    grid = page.locator("main").bounding_box()
    assert grid is not None
    for tile in page.locator(".tile").all()[:6]:
        box = tile.bounding_box()
        assert box is not None
        assert grid["x"] - 1 <= box["x"]
        assert box["x"] + box["width"] <= grid["x"] + grid["width"] + 1


def test_what_is_on_can_be_told_where_the_system_gives_the_colours(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    look = "node => getComputedStyle(node).backgroundColor"
    tracks = page.locator(".switch-track")
    assert tracks.nth(0).evaluate(look) != tracks.nth(1).evaluate(look)
    swatches = page.locator(".swatch")
    assert swatches.nth(0).evaluate(look) != swatches.nth(1).evaluate(look)
    page.emulate_media(forced_colors="none")


def test_axe_finds_nothing_serious(browser: Browser, service: Running) -> None:
    with opened(browser, service.url) as page:
        for address, button in [
            ("/?q=red+car+%2B+2:tree+-+night&tags=night", None),
            ("/?q=car&min_width=9999", None),
            ("/", "This library"),
            ("/", "Add photos"),
            ("/", "Keys"),
            ("/?q=car&photo=demo-1000000", None),
        ]:
            page.emulate_media(color_scheme="light")
            page.goto(address)
            settled(page)
            if button:
                page.get_by_role("button", name=button).click()
            assert serious_problems(page) == [], address


def test_the_page_is_light() -> None:
    scripts = BUILT.parent.rglob("*.js")
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) <= 150_000
