"""What somebody may have meant."""

from __future__ import annotations

import pytest

from photoseek.records import Facets
from photoseek.search.grammar import QueryPart, parse_query
from photoseek.search.hints import filter_hint, meant_by, query_hint
from photoseek.store import parse_filter


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("red -car", "red - car"),
        ("red +car -snow", "red + car - snow"),
        ("-snow", "- snow"),
        ('red -"old car"', 'red - "old car"'),
        ('"red car', '"red car"'),
        ('red "car', 'red "car"'),
        ("red - car", ""),
        ("t-shirt at 16:9, -5 degrees", ""),
        ('12" screen', ""),
        ('a "red" car', ""),
        ("", ""),
        ("id:-abc", ""),
    ],
)
def test_signs_and_quotes_that_are_read_as_letters(query: str, meant: str) -> None:
    parts = parse_query(query)
    assert meant_by(parts) == meant
    assert query_hint(parts).endswith(f"Did you mean: {meant}" if meant else "")
    assert bool(query_hint(parts)) == bool(meant)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://example.com/a.jpg", True),
        (" HTTP://example.com ", True),
        ('"https://example.com/a.jpg" - fog', True),
        ("a red http://example.com car", False),
        ("the letters https://", False),
    ],
)
def test_an_address_is_told_to_be_read_as_words(text: str, told: bool) -> None:
    assert query_hint(parse_query(text)).startswith("An address is read as words.") == told


def test_what_is_meant_has_nothing_left_to_ask() -> None:
    meant = meant_by(parse_query("red -car"))
    assert parse_query(meant) == [QueryPart("text", "red"), QueryPart("text", "car", -1)]
    assert query_hint(parse_query(meant)) == ""


def test_a_long_text_of_quotes_is_looked_at_at_once() -> None:
    assert meant_by([QueryPart("text", '" ' * 100)]) == ""


FACETS = Facets(
    9,
    {
        "licence": (("CC0-1.0", 5), ("MIT", 4)),
        "tags": (("Beach", 3), ("harbour", 2)),
        "metadata.project": (("Spring 2024", 3),),
    },
)


@pytest.mark.parametrize(
    ("condition", "hint"),
    [
        ("licence = CC0", "No photo has licence = CC0. Did you mean CC0-1.0?"),
        ("licence = mit", "No photo has licence = mit. Did you mean MIT?"),
        ("tags = harbor", "No photo has tags = harbor. Did you mean harbour?"),
        ("project = spring", "No photo has project = spring. Did you mean Spring 2024?"),
        ('licence in ["MIT", "CC1-1.0"]', "No photo has licence = CC1-1.0. Did you mean CC0-1.0?"),
        ("licence = MIT AND tags = bech", "No photo has tags = bech. Did you mean Beach?"),
        ("licence = MIT", ""),
        ("tags = beach", ""),
        ("licence != CC0", ""),
        ("licence = ", ""),
        ("licence = Getty", ""),
        ("width >= 3", ""),
        ("caption = CC0", ""),
    ],
)
def test_values_that_no_photo_has(condition: str, hint: str) -> None:
    assert filter_hint([parse_filter(condition)], FACETS) == hint
