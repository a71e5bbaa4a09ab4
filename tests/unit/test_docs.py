"""What the documents say of the code is what the code says."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from photoseek.cli.demo import PHOTOS
from photoseek.settings import Settings, load_settings
from scripts import decisions_index, guide_tables
from scripts.pictures import speed

ROOT = Path(__file__).parents[2]
GUIDE = sorted((ROOT / "docs" / "guide").glob("*.md"))
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name != "CHANGELOG.md"  # it speaks of what was
)
PLACES = [ROOT / "docs" / "deploy.md", ROOT / "docs" / "kubernetes.md"]


def _anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {text.replace(" ", "-") for text in plain}


def test_the_tables_of_decisions_are_up_to_date() -> None:
    assert decisions_index.README.read_text("utf-8") == decisions_index.readme(), (
        "run: python scripts/decisions_index.py"
    )


def test_the_picture_of_the_speed_is_up_to_date() -> None:
    assert len(speed.rows()) == 4
    assert speed.PICTURE.read_text("utf-8") == speed.picture(), (
        "run: python -m scripts.pictures.speed"
    )


@pytest.mark.parametrize("name", guide_tables.TABLES)
def test_the_tables_of_the_guide_are_up_to_date(name: str) -> None:
    assert guide_tables.path_of(name).read_text("utf-8") == guide_tables.page(name), (
        "run: python -m scripts.guide_tables"
    )


def test_every_setting_is_in_its_table_once() -> None:
    told = re.findall(r"^\| `PHOTOSEEK_(\w+)` \|", guide_tables.settings(), re.MULTILINE)
    assert sorted(told) == sorted(name.upper() for name in Settings.model_fields)


def test_the_pages_name_the_defaults_that_there_are() -> None:
    settings = load_settings()
    assert f"draws {PHOTOS} illustrations" in (ROOT / "README.md").read_text("utf-8")
    api, photos = (guide_tables.path_of(name).read_text("utf-8") for name in ("api", "photos"))
    assert f"port {settings.http_port} and gRPC on {settings.grpc_port}" in api
    assert f"`{settings.source}`" in photos
    assert f"`{settings.index}`" in photos


def test_the_page_on_installing_has_every_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    page = guide_tables.path_of("install").read_text("utf-8")
    table = page.partition("| extra |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(
        project["optional-dependencies"]
    )


def test_the_readme_is_one_short_page() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.stem)
def test_a_page_begins_with_what_one_gets_and_ends_with_what_may_go_wrong(path: Path) -> None:
    title, first, *_ = path.read_text("utf-8").split("\n\n")
    assert title.startswith("# ")
    assert first.startswith("**What you get:** ")
    assert re.findall(r"^## (.+)", path.read_text("utf-8"), re.MULTILINE)[-1] == LAST


LAST = "What may go wrong"


@pytest.mark.parametrize("path", [*GUIDE, *PLACES], ids=lambda path: path.stem)
def test_messages_that_may_be_seen_are_those_of_the_program(path: Path) -> None:
    end = path.read_text("utf-8").partition(f"## {LAST}\n")[2]
    rows = re.findall(r"^\| (.+?) \|", end, re.MULTILINE)
    assert rows[:2] == ["what you see", "---"]
    for quoted in re.findall('"(.+?)"', "\n".join(rows)):
        assert any(all(part in text for part in quoted.split("...")) for text in sentences()), (
            f"no message has {quoted!r}"
        )


@cache
def sentences() -> set[str]:
    """The texts of the program; `{}` stands for what is put into them."""
    return {
        "".join(map(_text, node.values if isinstance(node, ast.JoinedStr) else [node]))
        for path in (ROOT / "photoseek").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr | ast.Constant)
    }


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "{}"


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
        r"`((?:[a-z_]+/)+[\w-]+\.(?:css|md|py|sh|svg|tfvars|toml|tsx?|ya?ml))`",
        path.read_text("utf-8"),
    )
    rooms = ("", "photoseek", "photoseek/gateway", "web", "infra/terraform")
    beside = [path.parent, *(ROOT / room for room in rooms)]
    missing = [name for name in named if not any((folder / name).exists() for folder in beside)]
    assert missing == []
