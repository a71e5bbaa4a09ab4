"""The site made of this folder: `make docs` writes it to docs/site, and a warning is an error."""

import re
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]

project = "photoseek"
author = project
version = re.findall(
    r'^__version__ = "(.+)"', (ROOT / "photoseek" / "__init__.py").read_text("utf-8"), re.MULTILINE
)[0]

extensions = ["myst_parser"]
exclude_patterns = ["site"]
highlight_language = "none"
smartquotes = False  # "--json" stays as it is typed
myst_heading_anchors = 4  # as GitHub makes them

html_theme = "furo"  # takes fonts of the system, and nothing from other hosts
html_title = f"{project} {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False

SECTION = re.compile(r"^## (?P<title>.+)\n\n(?P<pages>(?:- \[.+\n)+)", re.MULTILINE)
PAGE = re.compile(r"^- \[.+?\]\((.+?)\.md\)", re.MULTILINE)


def setup(app: Sphinx) -> None:
    """Tell Sphinx where the menu comes from."""
    app.connect("source-read", _add_menu)


def _add_menu(_: Sphinx, name: str, content: list[str]) -> None:
    """Make the site's menu of the lists in index.md, and that of decisions of its links."""
    if name == "index":
        content[0] += "".join(
            _tree(PAGE.findall(section["pages"]), section["title"])
            for section in SECTION.finditer(content[0])
        )
    if name == "decisions/README":
        topics = sorted(path.stem for path in (ROOT / "docs" / "decisions").glob("[a-z]*.md"))
        content[0] += _tree(topics)


def _tree(pages: list[str], caption: str = "") -> str:
    options = ":hidden:\n" + f":caption: {caption}\n" * bool(caption)
    return "\n```{toctree}\n" + options + "\n" + "\n".join(pages) + "\n```\n"
