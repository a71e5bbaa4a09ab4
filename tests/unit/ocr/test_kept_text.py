"""What is kept of what a reader finds: sure lines, so much of them, and nothing odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from photoseek.errors import MissingPackageError
from photoseek.helpers import extras
from photoseek.ocr import TextReader, read_text
from photoseek.ocr.rapid import RapidTextReader
from photoseek.ocr.text_reader import (
    LEAST_CONFIDENCE,
    LONGEST_LINE,
    MOST_CHARACTERS,
    MOST_LINES,
)
from photoseek.records import PictureText, TextLine
from photoseek.store.text_json import text_json, text_of

BOX = ((-0.1, 0.123456), (1.2, 0.1), (1, 0.2), (0, 0.2))


@dataclass(frozen=True)
class Says(TextReader):
    found: Sequence[tuple[str, float]]
    name: str = "says 1"
    side: int = 100

    def lines(self, pixels: object) -> list[TextLine]:
        return [TextLine(text, confidence, BOX) for text, confidence in self.found]


def kept(*found: tuple[str, float]) -> PictureText:
    return read_text(Says(found), np.zeros((2, 2, 3), np.uint8))


def test_unsure_and_empty_lines_are_dropped() -> None:
    text = kept(("SALE", LEAST_CONFIDENCE), ("SA1E", LEAST_CONFIDENCE - 0.01), ("  ", 1), ("-|", 1))
    assert text.text == "SALE"


def test_lines_are_clean_and_places_within_the_picture() -> None:
    [line] = kept(("a\x00b\n\tc\u2028 d", 0.98765)).lines
    assert line.text == "a b c d"
    assert line.confidence == 0.99
    assert line.corners == ((0, 0.1235), (1, 0.1), (1, 0.2), (0, 0.2))


@pytest.mark.parametrize("lines", [["x" * 9_000], ["dense print " * 8] * 5_000, ["a"] * 5_000])
def test_a_page_of_print_makes_no_megabytes(lines: list[str]) -> None:
    text = kept(*((line, 1.0) for line in lines))
    assert 0 < len(text.lines) <= MOST_LINES
    assert sum(len(line.text) for line in text.lines) <= MOST_CHARACTERS
    assert max(len(line.text) for line in text.lines) <= LONGEST_LINE
    assert len(str(text_json(text))) < 40_000


def test_json_brings_all_of_it_back() -> None:
    text = read_text(Says([("été 出口", 0.9)]), np.zeros((2, 2, 3), np.uint8), is_rough=True)
    assert text_of(text_json(text)) == text
    assert text_of(text_json(None)) is None


def test_without_its_package_the_command_that_installs_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extras, "has_extra", lambda _: False)
    with pytest.raises(
        MissingPackageError,
        match=r"(?s)Reading the text in pictures needs the package rapidocr.*\[ocr\]",
    ):
        RapidTextReader()
