"""Searching in the page, over a library that stays as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import (
    drop,
    names,
    needs_browser,
    opened,
    parameter,
    paste,
    query,
    settled,
    tiles,
    until,
    until_query,
)
from tests.support.in_process import Running

pytestmark = needs_browser


@pytest.fixture(scope="module")
def photo(drawings: Path, rows: list[dict[str, str]]) -> tuple[Path, str]:
    """A file of the library, and the caption that only it has."""
    captions = [row["caption"] for row in rows]
    row = next(row for row in rows if captions.count(row["caption"]) == 1)
    return drawings.parent / row["path"], row["caption"]


def test_words_find_photos_as_one_types(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("red car")
    until_query(page, "red car")
    assert "red car" in names(page)[0]
    expect(page.get_by_text("60 photos, best first")).to_be_visible()


def test_the_address_is_a_permalink(page: Page) -> None:
    box = page.get_by_role("textbox", name="Search photos")
    box.fill("lighthouse")
    until_query(page, "lighthouse")
    page.get_by_role("switch", name="Keywords too").click()
    page.get_by_label("landscape").check()
    until(page, "() => location.search.includes('orientation=landscape')")
    settled(page)
    found, address = names(page), page.url
    page.reload()
    settled(page)
    assert (names(page), page.url) == (found, address)
    expect(box).to_have_value("lighthouse")
    expect(page.get_by_role("switch", name="Keywords too")).to_be_checked()
    page.go_back()
    expect(page.get_by_label("landscape")).not_to_be_checked()
    page.go_back()
    expect(page.get_by_role("switch", name="Keywords too")).not_to_be_checked()
    page.go_back()
    expect(box).to_have_value("")
    page.go_forward()
    expect(box).to_have_value("lighthouse")


def test_a_dropped_picture_finds_itself_and_stays_in_the_link(
    page: Page, photo: tuple[Path, str]
) -> None:
    path, caption = photo
    drop(page, "Search with this picture", path)
    until_query(page, "vector:")
    assert names(page)[0] == caption
    chip = page.get_by_role("list", name="Parts of the search")
    expect(chip.locator("img")).to_be_visible()
    page.reload()
    settled(page)
    assert names(page)[0] == caption
    expect(chip.locator("img")).to_be_visible()


def test_pasted_and_chosen_pictures_join_the_search(page: Page, photo: tuple[Path, str]) -> None:
    path, caption = photo
    page.get_by_role("textbox", name="Search photos").fill("by the sea")
    paste(page, path)
    until_query(page, "vector:")
    assert query(page).startswith('"by the sea" + vector:')
    page.get_by_role("button", name="Remove by the sea").click()
    settled(page)
    assert names(page)[0] == caption
    page.get_by_label("Picture to search with").set_input_files(path)
    expect(page.get_by_role("slider", name="Weight of Your picture")).to_have_count(2)


def test_what_is_no_picture_is_told(browser: Browser, service: Running, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no picture at all")
    with opened(browser, service.url, complaints=("422",)) as page:
        page.goto("/")
        drop(page, "Search with this picture", text)
        expect(page.locator(".notice")).to_contain_text("photo")
        assert query(page) == ""


def test_parts_have_weights_that_go_below_zero(page: Page) -> None:
    box = page.get_by_role("textbox", name="Search photos")
    box.fill("car + night")
    until_query(page, '"car" + "night"')
    box.press("Enter")
    assert "night" in names(page)[0]

    weight = page.get_by_role("slider", name="Weight of night")
    weight.focus()
    for _ in range(19):  # 0 is left out
        page.keyboard.press("ArrowLeft")
    until_query(page, '"car" - "night"')
    assert "night" not in names(page)[0]

    place = weight.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] * 0.375, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] - 2, place["y"] + place["height"] / 2, steps=4)
    page.mouse.up()
    until(page, "() => /2:\"night\"/.test(new URLSearchParams(location.search).get('q'))")

    page.go_back()  # all the dragging is one step
    until(page, "() => new URLSearchParams(location.search).get('q') === '\"car\" + \"night\"'")
    page.get_by_role("button", name="Remove night").click()
    box.press("Backspace")
    expect(box).to_have_value("car")


def test_the_buttons_of_the_search_stay_together(browser: Browser, service: Running) -> None:
    """Wherever a row of parts ends; the last of them stood alone at the left of a row."""
    with opened(browser, service.url) as page:
        page.goto('/?q="red car" %2B 2:"fog" - "night"')
        settled(page)
        bar = page.locator(".search-bar")
        names_of_buttons = ("Clear the search", "Search with a picture")
        buttons = [bar.get_by_role("button", name=name) for name in names_of_buttons]
        for width in (1920, 1440, 1280, 1024, 700, 390):
            page.set_viewport_size({"width": width, "height": 900})
            boxes = (bar.bounding_box(), *(button.bounding_box() for button in buttons))
            whole, clear, picture = (box for box in boxes if box)
            assert clear["y"] == picture["y"], width
            assert clear["x"] < picture["x"], width
            right = whole["x"] + whole["width"] - (picture["x"] + picture["width"])
            assert 0 <= right < 20, width


def test_more_like_a_photo_and_mixing_photos(page: Page) -> None:
    page.get_by_role("textbox", name="Search photos").fill("red car")
    until_query(page, "red car")
    [first, second] = names(page)[:2]
    tile = page.locator(".tile").first
    tile.hover()
    tile.get_by_role("button", name="More like").click()
    until_query(page, "id:")
    settled(page)
    assert first not in names(page)
    assert "car" in names(page)[0]
    expect(page.get_by_role("slider", name=f"Weight of {first}")).to_be_visible()
    page.go_back()
    until(page, "name => document.querySelectorAll('.tile img')[1]?.alt === name", second)
    tiles(page).nth(1).focus()
    page.keyboard.press("s")
    until(page, "name => document.querySelector('.tile img')?.alt !== name", first)
    settled(page)
    expect(tiles(page).first).to_be_focused()
    page.keyboard.press("Shift+S")
    until(page, "() => document.querySelectorAll('.chip').length === 2")


def test_everything_by_keyboard(page: Page) -> None:
    page.keyboard.press("ArrowDown")
    expect(tiles(page).nth(0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tiles(page).nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    expect(tiles(page).nth(0)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_text("1 photo selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("1 photo selected")).to_have_count(0)

    [first, second] = names(page)[:2]
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=first)
    expect(dialog).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name=second)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(tiles(page).nth(0)).to_be_focused()
    assert parameter(page, "photo") == []

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and queries")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Search photos")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("s")
    until_query(page, "id:")


def test_filters_count_exactly(page: Page, service: Running) -> None:
    def facets(**filters: str) -> dict[str, list[dict[str, Any]]]:
        answer = httpx.get(f"{service.url}/api/facets", params=filters, trust_env=False)
        return dict(answer.json())

    tag = facets()["tags"][0]
    tags = page.get_by_role("group", name="Tags")
    tags.get_by_role("checkbox", name=f"{tag['value']} {tag['count']}").check()
    expect(page.get_by_text(f"{tag['count']} photos, newest first")).to_be_visible()

    colour = facets(tags=tag["value"])["colours"][0]
    page.get_by_role("button", name=re.compile(f"^{colour['value']}, ")).click()
    word = "photo" if colour["count"] == 1 else "photos"
    expect(page.get_by_text(f"{colour['count']} {word}, newest first")).to_be_visible()
    assert (parameter(page, "tags"), parameter(page, "colour")) == (
        [tag["value"]],
        [colour["value"]],
    )
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("60 photos, newest first")).to_be_visible()

    page.get_by_label("Width").fill("99999")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No photo satisfies these filters")).to_be_visible()
    page.get_by_role("button", name="Remove the filters").click()
    expect(tiles(page)).not_to_have_count(0)


def test_columns_of_a_manifest_are_filters_as_well(page: Page, service: Running) -> None:
    def own(**filters: str) -> dict[str, list[dict[str, Any]]]:
        answer = httpx.get(f"{service.url}/api/facets", params=filters, trust_env=False).json()
        return {each["title"]: each["values"] for each in answer["metadata"]}

    [first, *_] = own()["place"]
    places = page.get_by_role("group", name="Place")
    places.get_by_role("checkbox", name=f"{first['value']} {first['count']}").check()
    expect(page.get_by_text(f"{first['count']} photos, newest first")).to_be_visible()
    assert parameter(page, "metadata.place") == [first["value"]]
    subject = own(where=f"place = {first['value']}")["subject"][0]
    subjects = page.get_by_role("group", name="Subject", exact=True)
    expect(subjects.get_by_role("checkbox").first).to_have_accessible_name(
        f"{subject['value']} {subject['count']}"
    )
    page.reload()
    expect(places.get_by_role("checkbox", checked=True)).to_have_count(1)

    tiles(page).first.click()
    facts = page.get_by_role("complementary", name="About this photo")
    other = facts.locator("dt", has_text="Time").locator("xpath=following-sibling::dd")
    value = other.inner_text()
    other.get_by_role("button").click()
    expect(page.get_by_role("button", name=f"Remove the filter Time: {value}")).to_be_visible()
    assert parameter(page, "metadata.time") == [value]
    assert parameter(page, "metadata.place") == []
    page.get_by_role("button", name=f"Remove the filter Time: {value}").click()
    expect(page.get_by_text("60 photos, newest first")).to_be_visible()


def test_all_photos_come_as_one_scrolls(page: Page) -> None:
    page.get_by_role("textbox", name="Search photos").fill("tree")
    until_query(page, "tree")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    until(page, "() => document.querySelectorAll('.tile').length === 60")
    assert len(names(page)) == 60


def test_no_good_match_is_said(page: Page, service: Running) -> None:
    def confidence(text: str) -> str:
        answer = httpx.get(f"{service.url}/api/search", params={"q": text}, trust_env=False)
        return str(answer.json()["confidence"])

    strange = ("tax return", "microscope slide", "wedding", "a page of sheet music", "pizza")
    text = next(text for text in strange if confidence(text) == "low")
    page.get_by_role("textbox", name="Search photos").fill(text)
    until_query(page, text)
    expect(page.get_by_role("heading", name="No good match")).to_be_visible()
    expect(tiles(page)).not_to_have_count(0)
