"""What can be done with several photos at once, coming back to one's place, and sharp pictures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from photoseek import PhotoSearch
from photoseek.demo.library import write_library
from photoseek.records import Condition
from photoseek.settings import load_settings
from photoseek.tuning.clicked import read_clicks
from tests.support.axe import serious_problems
from tests.support.browser import PHONE, needs_browser, opened, query, settled, tiles, until
from tests.support.in_process import Running, running_service
from tests.support.text_reader import KnowsWords, sign

pytestmark = needs_browser
PHOTOS = 120


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A library with more photos than fit on a few screens, and a sign that was read."""
    home = tmp_path_factory.mktemp("selection")
    write_library(home / "photos", count=PHOTOS - 1)
    (home / "signs").mkdir()
    sign("SUMMER SALE", "COFFEE").save(home / "signs" / "sign.png")
    settings = load_settings(index=str(home / "index"), model="demo", uploads="off", clicks=True)
    with PhotoSearch(settings) as search:
        search.index(home / "photos" / "photos.csv")
        search.index(home / "signs")
        with_text = Condition("uri", "=", str(home / "signs" / "sign.png"))
        assert search.read_texts(where=with_text, reader=KnowsWords()).read == 1
    with running_service(settings) as running:
        yield running


def select(page: Page, *places: int) -> list[str]:
    """Select photos of the grid; gives their ids."""
    ids = []
    for place in places:
        tile = page.locator(".tile").nth(place)
        tile.get_by_role("button", name="Select").dispatch_event("click")
        address = str(tile.locator(".tile-link").get_attribute("href"))
        ids.append(address.rpartition("photo=")[2])
    return ids


def test_a_search_for_photos_like_several(page: Page) -> None:
    ids = select(page, 0, 3)
    page.get_by_role("button", name="More like these").click()
    until(page, "() => location.search.includes('q=')")
    settled(page)
    assert query(page) == " + ".join(f'id:"{one}"' for one in ids)
    expect(page.get_by_role("region", name="Selection")).to_have_count(0)
    expect(page.get_by_role("list", name="Parts of the search").locator("li")).to_have_count(2)


def test_links_to_several_photos_open_them(page: Page) -> None:
    ids = select(page, 1, 2)
    page.get_by_role("button", name="Copy links to these").click()
    expect(page.locator(".notice")).to_have_text("2 links are on the clipboard.")
    copied = page.evaluate("() => navigator.clipboard.readText()").split("\n")
    assert [link.rpartition("photo=")[2] for link in copied] == ids
    page.goto(copied[1])
    expect(page.get_by_role("dialog").get_by_text(ids[1], exact=True)).to_be_visible()


def test_what_people_say_of_hits_is_what_tune_reads(page: Page, service: Running) -> None:
    page.goto("/?q=red+car")
    settled(page)
    said = []
    for place, opinion in ((0, "Wrong"), (0, "Good hit"), (1, "Wrong")):
        tile = page.locator(".tile-link").nth(place)
        said.append(str(tile.get_attribute("href")).rpartition("photo=")[2])
        tile.click()
        button = page.get_by_role("dialog").get_by_role("button", name=opinion)
        with page.expect_response("**/api/clicks") as answered:
            button.click()
        assert answered.value.status == 204
        expect(button).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    clicked = read_clicks(service.settings)
    assert [(one.id, one.caption) for one in clicked.good] == [(said[1], "red car")]
    assert [(one.id, one.caption) for one in clicked.wrong] == [(said[2], "red car")]
    assert clicked.gone == 0


def test_several_photos_are_deleted_when_somebody_says_so(page: Page, service: Running) -> None:
    page.goto("/?q=car")
    settled(page)
    ids = select(page, 0, 2)
    delete = page.get_by_role("button", name="Delete these from the library")
    delete.click()
    question = page.get_by_role("dialog", name="Delete 2 photos?")
    expect(question).to_contain_text("stay out when folders or lists are indexed again")
    assert serious_problems(page) == []
    page.emulate_media(color_scheme="light")
    question.get_by_role("button", name="Keep them").click()
    expect(page.get_by_text("2 photos selected")).to_be_visible()
    delete.click()
    question.get_by_role("button", name="Delete").click()
    expect(page.locator(".notice")).to_have_text("2 photos have left the library.")
    expect(page.get_by_role("region", name="Selection")).to_have_count(0)
    expect(page.get_by_text(f"{PHOTOS - 2} photos, best first")).to_be_visible()
    with PhotoSearch(service.settings) as search:
        assert all(known.deleted for known in search.known(ids).values())
        assert search.known(ids).keys() == set(ids)


def test_whoever_reloads_stays_where_they_are(page: Page) -> None:
    page.mouse.move(640, 600)
    for _ in range(4):  # as far as it comes, each time
        page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
        settled(page)
    expect(tiles(page)).not_to_have_count(40)
    page.evaluate("() => scrollTo(0, 2000)")
    until(page, "() => scrollY === 2000")
    page.reload()
    until(page, "() => scrollY === 2000")
    # An address that is typed is another visit, which begins at its top.
    page.goto("/?q=boat")
    settled(page)
    assert page.evaluate("() => scrollY") == 0


def test_screens_with_many_pixels_get_larger_thumbnails(browser: Browser, service: Running) -> None:
    def shown(density: int, connection: str = "4g") -> set[str]:
        context = browser.new_context(base_url=service.url, device_scale_factor=density)
        page = context.new_page()
        slow = "Object.defineProperty(navigator, 'connection', {value: {effectiveType: '%s'}})"
        page.add_init_script(slow % connection)
        page.goto("/")
        until(page, "() => document.querySelectorAll('.tile img[data-loaded]').length > 3")
        addresses: list[str] = page.locator(".tile img[data-loaded]").evaluate_all(
            "all => all.map(one => one.currentSrc)"
        )
        context.close()
        return {"large" if "size=large" in address else "small" for address in addresses}

    assert shown(1) == {"small"}
    assert "large" in shown(3)
    assert shown(3, "3g") == {"small"}


@pytest.mark.parametrize("size", [(1280, 860), PHONE], ids=["wide", "phone"])
def test_marks_of_text_in_a_picture_pass_axe(
    browser: Browser, service: Running, size: tuple[int, int]
) -> None:
    with PhotoSearch(service.settings) as search:
        [hit] = search.search(where="text = 'summer sale'").hits
    with opened(browser, service.url, size) as page:
        page.goto(f"/?photo={hit.stored.photo.id}")
        dialog = page.get_by_role("dialog")
        marks = dialog.locator(".written-places polygon")
        expect(dialog.get_by_text("SUMMER SALE")).to_be_visible()
        expect(marks).to_have_count(0)
        dialog.get_by_role("button", name="Mark the places").click()
        expect(marks).to_have_count(2)
        assert serious_problems(page) == []
        page.emulate_media(color_scheme="light")
        dialog.get_by_role("button", name="COFFEE").focus()
        expect(dialog.locator(".written-places polygon[data-at=true]")).to_have_count(1)
        picture, mark = dialog.locator(".picture-frame").bounding_box(), marks.first.bounding_box()
        assert picture is not None
        assert mark is not None
        assert picture["x"] <= mark["x"] < picture["x"] + picture["width"]
        assert picture["y"] <= mark["y"] < picture["y"] + picture["height"]


def test_a_weight_beyond_the_limit_is_told(page: Page) -> None:
    page.goto("/?q=car+%2B+20:fog")
    expect(page.locator(".notice")).to_have_text("A weight is at most 10: 20 counts as 10.")
    expect(page.get_by_role("slider", name="Weight of fog")).to_have_value("10")


def test_the_view_says_when_a_photo_was_added_and_how_good_it_is(page: Page) -> None:
    page.goto("/?q=car")
    settled(page)
    tiles(page).nth(1).click()
    facts = page.get_by_role("dialog").locator(".facts")
    expect(facts.locator("div", has_text="Match").locator("dd")).to_have_text("2nd best")
    expect(facts.locator("div", has_text="Added").locator("dd")).to_contain_text("20")
    assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
