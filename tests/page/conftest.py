"""What the tests of the page share."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import opened, running_browser, tiles
from tests.support.in_process import Running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def service(in_process: Running) -> Running:
    """What serves the page: one process over the indexed drawings."""
    return in_process


@pytest.fixture
def page(browser: Browser, service: Running) -> Iterator[Page]:
    with opened(browser, service.url) as page:
        page.goto("/")
        expect(tiles(page)).not_to_have_count(0)
        yield page


@pytest.fixture(scope="module")
def rows(drawings: Path) -> list[dict[str, str]]:
    with drawings.open(newline="") as file:
        return list(csv.DictReader(file))
