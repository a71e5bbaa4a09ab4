"""What the tests of the page share."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import opened, running_browser, tiles, visit_afresh, without_errors
from tests.support.in_process import Running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def service(in_process: Running) -> Running:
    """What serves the page: one process over the indexed drawings."""
    return in_process


@pytest.fixture(scope="module")
def window(browser: Browser, service: Running) -> Iterator[Page]:
    """Where one visit follows another: a window of its own for each takes half as long again."""
    with opened(browser, service.url) as page:
        yield page


@pytest.fixture
def page(window: Page) -> Iterator[Page]:
    """The page of a fresh visitor."""
    with without_errors(window):
        visit_afresh(window, "/")
        expect(tiles(window)).not_to_have_count(0)
        yield window


@pytest.fixture(scope="module")
def rows(drawings: Path) -> list[dict[str, str]]:
    with drawings.open(newline="") as file:
        return list(csv.DictReader(file))
