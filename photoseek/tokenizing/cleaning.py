"""How texts are cleaned before they become tokens, as OpenCLIP does it.

Its module reads another tokenizer's vocabulary when it is loaded, which takes longer than a search.
"""

from __future__ import annotations

import html
import string
from collections.abc import Callable

_PUNCTUATION = str.maketrans("_", " ", string.punctuation.replace("_", ""))


def cleaning(kind: str) -> Callable[[str], str]:
    """What cleans a text: "lower", "whitespace" or "canonicalize", which are OpenCLIP's words.

    Raises:
        ValueError: it knows no such way.
    """
    if kind not in _WAYS:
        raise ValueError(f"OpenCLIP knows no way to clean texts that is called {kind!r}.")
    return _WAYS[kind]


def _mended(text: str) -> str:
    """A text without what a wrong encoding and HTML have left in it."""
    if text.isascii() and text.isprintable() and "&" not in text:
        return text  # there is nothing to mend, and nothing to import for it
    import ftfy

    return html.unescape(html.unescape(ftfy.fix_text(text)))


def _whitespace(text: str) -> str:
    return " ".join(_mended(text).split())


def _lower(text: str) -> str:
    return _whitespace(text).lower()


def _canonicalize(text: str) -> str:
    """Without punctuation, where "_" is a space."""
    return " ".join(_mended(text).strip().translate(_PUNCTUATION).lower().split())


_WAYS = {"lower": _lower, "whitespace": _whitespace, "canonicalize": _canonicalize}
