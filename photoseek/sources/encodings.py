"""In which encoding a table is written: what its bytes prove, or else a guess that is told."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

Content = Callable[[], BinaryIO]
"""Opens the bytes of a table at their beginning; the one who asks closes them."""

PIECE = 1_048_576
"""Bytes that are looked at together, and bytes of a sample to guess by."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_WESTERN = ("cp1252", "mac-roman")
_NAMES = {"cp1252": "Windows-1252", "mac-roman": "Mac Roman"}

_OTHERS = ("cp932", "gb18030", "big5", "cp949", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256")
"""What Excel writes where letters are other ones than Latin: Japanese, Chinese, Korean, Cyrillic,
Greek, Hebrew, Arabic."""

_MARKS_IN_TEXTS = "\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u20ac\u00b0"
"""Dashes, quotes, an ellipsis, the Euro sign and degrees."""

_ESCAPED = re.compile("[\udc80-\udcff]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_FEW = 3
"""Accents stand alone or by twos; longer runs of bytes above ASCII are of another script."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """Python's name of an encoding, and what people call it where it is a guess, or ""."""

    codec: str
    guess: str = ""

    @property
    def errors(self) -> str:
        """What becomes of bytes that are none of it: kept as escapes, to be found in their row."""
        return "replace" if self.codec.startswith(("utf-16", "utf-32")) else "surrogateescape"


UTF8 = Encoding("utf-8-sig")


def detect(content: Content) -> Encoding:
    """Find the encoding of a text by reading it through, a mebibyte at a time.

    It is UTF-8 unless its mark, or the zeros of UTF-16 in its first line, say otherwise, or its
    bytes can be no UTF-8. A few damaged characters among sound ones do not make it another one.
    """
    with content() as file:
        start = file.read(200)
    for mark, codec in _MARKS:
        if start.startswith(mark):
            return Encoding(codec)
    if codec := _by_zeros(start):
        return Encoding(codec)
    return UTF8 if _is_utf8(content) else _guess(_sample(content))


def _is_utf8(content: Content) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with content() as file:
            while piece := file.read(PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sample(content: Content) -> bytes:
    """The first mebibyte that is not all ASCII, with what surrounds it."""
    with content() as file:
        while (piece := file.read(PIECE)) and piece.isascii():
            pass
        return piece + file.read(PIECE)


def _by_zeros(start: bytes) -> str:
    """UTF-16 without a mark, told by every second byte of its first letters, which are ASCII."""
    half = len(start) // 2
    first, second = start[0::2].count(0), start[1::2].count(0)
    if half and not first and second * 2 > half:
        return "utf-16-le"
    return "utf-16-be" if half and not second and first * 2 > half else ""


def _guess(sample: bytes) -> Encoding:
    text = sample.decode(errors="surrogateescape")
    odd = len(_ESCAPED.findall(text))
    sound = sum(letter > "\x7f" for letter in text) - odd
    if sound >= odd or b"\0" in sample:  # damaged here and there, or no text at all
        return UTF8
    runs = [len(run) for run in _HIGH.findall(sample)]
    if sum(run for run in runs if run >= _FEW) * 2 > sum(runs) and (found := _other(sample)):
        return found
    codec = max(_WESTERN, key=lambda name: _likeness(sample, name))
    return Encoding(codec, _NAMES[codec])


def _other(sample: bytes) -> Encoding | None:
    from charset_normalizer import from_bytes  # of all runs only few need it

    best = from_bytes(sample[:65_536], cp_isolation=list(_OTHERS)).best()
    return Encoding(best.encoding, best.encoding) if best is not None else None


def _likeness(sample: bytes, codec: str) -> int:
    """How much a text looks as written where its letters above ASCII are read in this encoding."""
    text = sample.decode(codec, "replace")
    score = 0
    for found in re.finditer(r"[^\x00-\x7f]", text):
        letter, before = found[0], text[found.start() - 1 : found.start()]
        if letter.islower() or letter in _MARKS_IN_TEXTS:
            score += 2
        elif letter.isupper() and not before.islower():
            score += 1
        else:
            score -= 2
    return score
