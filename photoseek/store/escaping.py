"""Text that Arrow cannot hold, written so that it can, and read back unchanged.

Arrow and SQL take valid Unicode only. A file name that is no UTF-8 reaches us with lone
surrogates (`os.fsdecode`), and NUL is trouble in any literal. Both are written as the
noncharacter U+FDD0, which Unicode sets aside for such private use, and four hex digits.
"""

from __future__ import annotations

import re

_ESCAPE = "\ufdd0"
# Characters that Arrow or a literal cannot hold, and the one that writes them.
_UNFIT = re.compile(f"[\0\ud800-\udfff{_ESCAPE}]")
_ESCAPED = re.compile(f"{_ESCAPE}([0-9a-f]{{4}})")


def to_text(value: str) -> str:
    """The value as valid Unicode without NUL; most text is returned as it is."""
    return _UNFIT.sub(lambda found: f"{_ESCAPE}{ord(found[0]):04x}", value)


def without_unfit(text: str) -> str:
    """The text with spaces for what is in no word and Arrow cannot hold."""
    return _UNFIT.sub(" ", text)


def from_text(text: str) -> str:
    """What `to_text` was given."""
    if _ESCAPE not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
