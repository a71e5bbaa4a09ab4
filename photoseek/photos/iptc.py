"""IPTC-IIM: what newspapers and agencies have written into pictures since 1991.

A block is a row of data sets with numbers, such as 120 for the caption. Which encoding its texts
have is said by the data set 1:90, if at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LARGEST_IIM = 1_000_000
"""Bytes. A caption has 2,000 at most, a keyword 64."""

MOST_SETS = 10_000

_TAG = 0x1C
_ENVELOPE, _CHARACTERS, _APPLICATION = 1, 90, 2
_ESCAPES = {
    b"\x1b%G": "utf-8",
    b"\x1b%/I": "utf-8",
    b"\x1b-A": "iso8859-1",
    b"\x1b.A": "iso8859-1",
    b"\x1b-B": "iso8859-2",
    b"\x1b.B": "iso8859-2",
    b"\x1b-L": "iso8859-5",
    b"\x1b.L": "iso8859-5",
    b"\x1b-G": "iso8859-6",
    b"\x1b.G": "iso8859-6",
    b"\x1b-F": "iso8859-7",
    b"\x1b.F": "iso8859-7",
    b"\x1b-H": "iso8859-8",
    b"\x1b.H": "iso8859-8",
    b"\x1b-M": "iso8859-9",
    b"\x1b.M": "iso8859-9",
}
_GUESSES = ("cp1252", "mac-roman")
_WORD = re.compile(r"[^\W\d_]+")
_APOSTROPHE, _DASHES = "\u2019", "\u2013\u2014"
_OPENING, _CLOSING = "\u201c\u201e\xab\u2018", "\u201d\u201c\xbb\u2019\u2026"
_IN_WORD = re.compile(rf"(?<=([^\W\d_]))[^\w\s'{_APOSTROPHE}&/.,:;!?@+*()\"-](?=([^\W\d_]))")
_QUOTED = re.compile(
    rf"(?<=[^\W\d_]){_APOSTROPHE}(?=[^\W\d_])|(?<!\w)[{_OPENING}](?=\w)|"
    rf"(?<=[\w.,!?])[{_CLOSING}](?!\w)|(?<=\s)[{_DASHES}](?=\s)"
)


class Iim:
    """The texts of a block, by the numbers of data sets of its second record."""

    def __init__(self, data: bytes = b"") -> None:
        """`data` is a block; where it breaks off, what stands before counts."""
        found: dict[int, list[bytes]] = {}
        characters = b""
        for record, number, value in _sets(data[:LARGEST_IIM]):
            if (record, number) == (_ENVELOPE, _CHARACTERS):
                characters = value
            elif record == _APPLICATION and value:
                found.setdefault(number, []).append(value)
        encoding = _encoding([value for values in found.values() for value in values], characters)
        self._texts = {
            number: [value.decode(encoding, errors="ignore") for value in values]
            for number, values in found.items()
        }

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self._texts)

    def texts(self, number: int) -> list[str]:
        """The values of a data set, such as those of 25, the keywords."""
        return list(filter(None, (text.strip("\0 \t\r\n") for text in self._texts.get(number, ()))))


def _sets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = max(0, data.find(_TAG))
    for _ in range(MOST_SETS):
        if len(data) < position + 5 or data[position] != _TAG:
            return
        record, number = data[position + 1], data[position + 2]
        size = int.from_bytes(data[position + 3 : position + 5], "big")
        position += 5
        if size & 0x8000:  # that many bytes hold the size
            digits = size & 0x7FFF
            size = int.from_bytes(data[position : position + min(digits, 8)], "big")
            position += digits
        yield record, number, data[position : position + size]
        position += size


def _encoding(values: Sequence[bytes], characters: bytes) -> str:
    """The encoding of texts: the one that is said if it can be, UTF-8, or the likeliest."""
    said = _ESCAPES.get(characters.strip(b"\0 "))
    if said and said != "utf-8":
        return said
    odd = [value for value in values if not value.isascii()]
    is_utf8 = bool(said) or any(_is_utf8(value) for value in odd)
    if all(_is_utf8(value, may_be_cut=is_utf8) for value in odd):
        return "utf-8"
    return max(_GUESSES, key=lambda encoding: _likelihood(b"\n".join(odd), encoding))


def _is_utf8(value: bytes, *, may_be_cut: bool = False) -> bool:
    """Whether it is UTF-8, perhaps cut within its last letter to the size that a data set has."""
    try:
        value.decode()
    except UnicodeDecodeError as error:
        return may_be_cut and error.reason == "unexpected end of data"
    return True


def _likelihood(data: bytes, encoding: str) -> int:
    """How much bytes look like words once they are decoded so.

    Capitals after small letters and signs within words speak against an encoding, accents among
    small letters and quotes where they belong for it.
    """
    text = data.decode(encoding, errors="replace")
    likelihood = 2 * len(_QUOTED.findall(text)) - 4 * text.count("\ufffd")
    for before, after in _IN_WORD.findall(text):
        likelihood -= 4 if before.islower() and after.islower() else 1
    for word in _WORD.findall(text):
        odd = sum(not letter.isascii() for letter in word)
        if odd:
            is_sane = word.islower() or word.isupper() or word.istitle()
            likelihood += odd if is_sane else -3 * odd
            likelihood += (word[1:].islower() or word.isupper()) * (len(word) > 1)
    return likelihood
