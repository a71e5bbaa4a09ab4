"""The site of the documents: it is built without a warning, and asks no other host for anything."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = pytest.mark.skipif(
    "CI" not in os.environ and importlib.util.find_spec("sphinx") is None,
    reason="Sphinx is not installed: run `make check` once",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does it."""
    site = tmp_path_factory.mktemp("site")
    build = ["-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"]
    done = subprocess.run(
        [sys.executable, *build, "-d", site.parent / "doctrees", DOCS, site],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return site


def test_every_document_is_a_page_of_the_menu(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert all((site / page).is_file() for page in pages)
    front = read(site / "index.html")
    menu = re.findall(r'class="reference internal" href="([\w/]+\.html)"', front)
    named = {str(page) for page in pages if page.parent.name != "decisions"}
    assert named - {*menu} == {"index.html"}
    assert "decisions/README.html" in menu


def test_nothing_comes_from_other_hosts(site: Path) -> None:
    for path in site.rglob("*.html"):
        loaded = re.findall(r"<(?:script|img|iframe|source)[^>]* src=\"([^\"]+)\"", read(path))
        loaded += re.findall(r"<link[^>]* href=\"([^\"]+)\"", read(path))
        assert loaded
        assert not [each for each in loaded if re.match(r"[a-z]*:?//", each)], path
    for path in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?https?:|@import [\"']?https?:", read(path)), path


def test_words_of_the_guide_can_be_searched(site: Path) -> None:
    index = read(site / "searchindex.js")
    assert "quickgelu" in index
    assert "guide/models" in index


def read(path: Path) -> str:
    return path.read_text("utf-8")
