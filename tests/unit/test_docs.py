"""What the documents say of the code is what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import decisions_index

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name != "CHANGELOG.md"  # it speaks of what was
)


def _anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {text.replace(" ", "-") for text in plain}


def test_the_tables_of_decisions_are_up_to_date() -> None:
    assert decisions_index.README.read_text("utf-8") == decisions_index.readme(), (
        "run: python scripts/decisions_index.py"
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_inside_the_project_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = path.parent / file if file else path
        assert there.exists(), f"{path}: {target}"
        if anchor:
            assert anchor in _anchors(there), f"{path}: {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_are_there(path: Path) -> None:
    named = re.findall(
        r"`((?:[a-z_]+/)+[a-z_0-9]+\.(?:py|sh|ya?ml|toml))`", path.read_text("utf-8")
    )
    beside = [ROOT, ROOT / "photoseek", ROOT / "photoseek" / "gateway", ROOT / "web", path.parent]
    missing = [name for name in named if not any((folder / name).exists() for folder in beside)]
    assert missing == []
