"""Texts as keywords of an engine: valid Unicode, and short enough to be one term.

A term of Lucene has at most 32,766 bytes. A longer text is stood for by its beginning and a hash of
it, so that it can be compared for equality, which is all that is asked of texts.
"""

from __future__ import annotations

from hashlib import blake2b

from photoseek.store.escaping import to_text
from photoseek.store.kinds import label_key
from photoseek.store.own_columns import LONGEST

_MOST = 32_000  # bytes, of which a character has four at most
_MARK = "\ufdd0"
"""What `to_text` writes never has this before a letter other than a hex digit."""
_CUT = f"{_MARK}h"


def term(text: str) -> str:
    """The term that stands for a text."""
    fit = to_text(text)
    if 4 * len(fit) <= _MOST or len(fit.encode()) <= _MOST:
        return fit
    return f"{fit[: _MOST // 4 - 100]}{_CUT}{digest(text)}"


def digest(text: str, size: int = 16) -> str:
    """A hash of a text, of twice as many hex digits as `size`."""
    return blake2b(text.encode(errors="surrogatepass"), digest_size=size).hexdigest()


def label(text: str) -> str:
    """A label as it is written, behind a short hash of what labels are compared by."""
    return label_group(label_key(text)) + term(text)


def label_group(key: str) -> str:
    """How the `label` of all spellings with one key begins."""
    return digest(key, 6)


GROUP = len(label_group(""))


def pair(name: str, value: str) -> str:
    """A column of a user's manifest and its value, as one term that begins with the column's hash.

    Of a value that is too long to be counted in a facet there is a hash.
    """
    shown = term(value) if len(value) <= LONGEST else _CUT + digest(value)
    return column_group(name) + shown


def column_group(name: str) -> str:
    """How the `pair` of each value in a column begins."""
    return digest(name, 8)


COLUMN = len(column_group(""))


def is_cut(text: str) -> bool:
    """Whether a term stands for a longer text, and cannot be read back."""
    return _CUT in text
