"""What axe has against a page, in the light and in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.support.browser import ROOT, until

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
PAPER = "() => getComputedStyle(document.body).backgroundColor"
DARKER = "light => getComputedStyle(document.body).backgroundColor !== light"
CALM = "() => document.getAnimations().every(one => one.playState !== 'running')"

Problem = tuple[str, str, str]


def serious_problems(page: Page) -> list[Problem]:
    """Serious and critical ones: the rule, the element and what to do.

    In the dark only colours are others, and so only their contrast is looked at again.
    """
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make web")
    page.emulate_media(color_scheme="light")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    serious = _serious(page)
    light = page.evaluate(PAPER)
    page.emulate_media(color_scheme="dark")
    until(page, DARKER, light)
    return serious + _serious(page, "color-contrast")


def _serious(page: Page, *rules: str) -> list[Problem]:
    """By these rules or by all."""
    page.wait_for_function(CALM)
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    report = page.evaluate("options => axe.run(options)", options)
    return [
        (one["id"], one["nodes"][0]["html"], one["nodes"][0]["failureSummary"])
        for one in report["violations"]
        if one["impact"] in ("serious", "critical")
    ]
