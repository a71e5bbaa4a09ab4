"""What the tests of the page share."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from photoseek.flow.process import FlowProcess
from tests.support.browser import opened, running_browser, tiles


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, flow: FlowProcess) -> Iterator[Page]:
    with opened(browser, flow.url) as page:
        page.goto("/")
        expect(tiles(page)).not_to_have_count(0)
        yield page


@pytest.fixture(scope="module")
def rows(drawings: Path) -> list[dict[str, str]]:
    with drawings.open(newline="") as file:
        return list(csv.DictReader(file))
