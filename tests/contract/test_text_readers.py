"""What every reader of the text in pictures does: the real one, and the small one of the tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import numpy as np
import pytest

from photoseek.ocr import TextReader, read_text
from tests.support.text_reader import KnowsWords, sign

HAS_RAPIDOCR = find_spec("rapidocr") is not None


@pytest.fixture(scope="module", params=["small", "rapidocr"])
def reader(request: pytest.FixtureRequest) -> TextReader:
    if request.param == "small":
        return KnowsWords()
    if not HAS_RAPIDOCR:
        pytest.skip("pip install rapidocr onnxruntime brings it back")
    from photoseek.ocr.rapid import RapidTextReader

    return RapidTextReader()


def test_lines_come_from_above_with_their_places(reader: TextReader) -> None:
    text = read_text(reader, np.asarray(sign("SUMMER SALE", "EXIT")))
    assert [line.text for line in text.lines] == ["SUMMER SALE", "EXIT"]
    assert text.reader == reader.name
    assert not text.is_rough
    for number, line in enumerate(text.lines):
        assert 0.7 <= line.confidence <= 1
        (left, upper), (right, _), (_, lower), _ = line.corners
        assert 0.05 <= left <= 0.12
        assert left < right < 0.9
        assert number / 4 < (upper + lower) / 2 < number / 4 + 0.25


def test_a_picture_without_writing_has_no_lines(reader: TextReader) -> None:
    assert read_text(reader, np.asarray(sign())).lines == ()
    assert read_text(reader, np.zeros((1, 1, 3), np.uint8)).lines == ()


def test_pictures_of_any_shape_are_read(reader: TextReader) -> None:
    for size in ((1, 300), (3000, 2), (31, 33)):
        assert read_text(reader, np.full((*size, 3), 255, np.uint8)).lines == ()
    wide = np.asarray(sign("COFFEE", size=(1200, 240)))
    assert [line.text for line in read_text(reader, wide).lines] == ["COFFEE"]


def test_threads_share_a_reader(reader: TextReader) -> None:
    pictures = [np.asarray(sign(word)) for word in ("EXIT", "COFFEE", "SUMMER SALE")] * 2
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda pixels: read_text(reader, pixels).text, pictures))
    assert found == ["EXIT", "COFFEE", "SUMMER SALE"] * 2
