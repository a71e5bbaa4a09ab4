"""The page in a browser: a search in light and in dark, and one photo."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from photoseek import Client

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FEWEST = 4
"""Photos that each of the pictures shows at least."""

HAS_PHOTOS = """fewest => {
  const inView = image => image.getBoundingClientRect().top < innerHeight;
  const images = [...document.images].filter(inView);
  return images.length >= fewest && images.every(image => image.complete && image.naturalWidth);
}"""


def draw(url: str, docs: Path) -> None:
    """Save docs/page.jpg, page-dark.jpg and page-photo.jpg from a server of the demo library."""
    with Client(url) as client:
        [boat] = client.search("a blue sailing boat", top_k=1).hits
        [car] = client.search("a red car in the mountains", top_k=1).hits
    query = urlencode({"q": f'lighthouse + id:{boat.stored.photo.id} - "night"'})
    photo = urlencode({"photo": car.stored.photo.id})
    path = next((path for name in NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        # The page tells how long a search took, and the first one of a server takes longer.
        _save(browser, f"{url}/?{photo}", "light", docs / "page-photo.jpg")
        for _ in range(2):
            _save(browser, f"{url}/?{query}", "dark", docs / "page-dark.jpg")
        _save(browser, f"{url}/?{query}", "light", docs / "page.jpg")
        browser.close()


def _save(browser: Browser, url: str, scheme: Literal["light", "dark"], target: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    page.goto(url)
    page.wait_for_function(HAS_PHOTOS, arg=FEWEST)
    page.wait_for_load_state("networkidle")
    with Image.open(BytesIO(page.screenshot(animations="disabled"))) as shot:
        shot.convert("RGB").save(target, quality=85, optimize=True)
    page.close()
