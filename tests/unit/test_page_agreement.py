"""What the page says twice, because a browser runs no Python."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from photoseek.helpers.photo_names import HEIC, PLAIN, RAW
from photoseek.photos import COLOUR_NAMES
from photoseek.search.grammar import QueryPart, parse_query, write_query

ROOT = Path(__file__).parents[2]
QUERIES = json.loads((ROOT / "tests" / "queries.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case["text"])
def test_queries_mean_here_what_they_mean_in_the_page(case: dict[str, object]) -> None:
    """web/tests/grammar.test.ts reads the same file."""
    parts = parse_query(str(case["text"]))
    expected: list[list[object]] = case["parts"]  # type: ignore[assignment]
    assert [[part.kind, part.value, part.weight] for part in parts] == expected
    assert write_query(parts) == case["written"]
    assert parse_query(write_query(parts)) == [QueryPart(*part) for part in expected]  # type: ignore[arg-type]


def test_the_swatches_of_the_page_are_the_named_colours() -> None:
    source = (ROOT / "web" / "src" / "filters" / "swatches.ts").read_text(encoding="utf-8")
    assert dict(re.findall(r'(\w+): "(#[0-9a-f]{6})"', source)) == COLOUR_NAMES


def test_the_page_hands_over_files_whose_names_end_as_those_of_photos() -> None:
    source = (ROOT / "web" / "src" / "upload" / "pictures.ts").read_text(encoding="utf-8")
    written = "".join(re.findall(r'"([^"]*)"', source.partition(".split(")[0]))
    assert {f".{end}" for end in written.split()} == PLAIN | HEIC | RAW


def test_the_types_of_the_page_come_from_what_the_gateway_says_of_itself() -> None:
    """`make api-types` writes both files again; web's own check compares the types with this."""
    command = [sys.executable, "-m", "scripts.openapi"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    kept = (ROOT / "web" / "openapi.json").read_text(encoding="utf-8")
    assert json.loads(kept) == json.loads(said), "The API has changed: run make api-types"
