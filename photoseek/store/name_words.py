"""The words in the names of files and folders: RedCar_IMG1234 holds Red, Car, IMG and 1234."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from photoseek.files.names import own_name
from photoseek.records import is_content_hash

_WORD = re.compile(r"[^\W_]+")
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}", re.ASCII)


def file_words(uri: str) -> str:
    """The words in the name of the file at a path or URI, without its extension."""
    name = PurePosixPath(own_name(uri))
    stem = name.stem if _EXTENSION.fullmatch(name.suffix) else name.name
    return "" if is_content_hash(stem) else name_words(stem)


def name_words(name: str) -> str:
    """The words in a name with spaces between; one that is told apart stands there as a whole too.

    An id such as 0648a3ef77b2 or dQw4w9WgXcQ is one word.
    """
    return " ".join(form for word in _WORD.findall(name) for form in _forms(word))


def _forms(word: str) -> Iterator[str]:
    yield word
    parts = _parts(word)
    if len(parts) > 1 and _are_words(parts):
        yield from parts


def _parts(word: str) -> list[str]:
    """A word, cut where a capital follows a small letter, or digits follow letters."""
    parts = [word[:1]]
    for before, char in pairwise(word):
        is_cut = before.isdigit() != char.isdigit() or (before.islower() and char.isupper())
        parts += [char] if is_cut else []
        parts[-1] += "" if is_cut else char
    return parts


def _are_words(parts: list[str]) -> bool:
    """Whether parts mean something by themselves: P and 1010023 do, the pieces of an id do not."""
    if len(parts) == 2 and parts[1].isdigit():
        return True
    return all(part.isdigit() or len(part) > 1 for part in parts)
