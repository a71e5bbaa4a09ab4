"""What was read in a picture to and from JSON, in the same form wherever it goes.

Its size is bounded by who reads (`photoseek.reading.reading_limits`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photoseek.records import PictureText, TextLine


def text_json(text: PictureText | None) -> dict[str, Any] | None:
    """What was read, or None where nobody has tried."""
    if text is None:
        return None
    return {
        "reader": text.reader,
        "is_rough": text.is_rough,
        "lines": [
            {
                "text": line.text,
                "confidence": line.confidence,
                "corners": [list(corner) for corner in line.corners],
            }
            for line in text.lines
        ],
    }


def text_of(given: Mapping[str, Any] | None) -> PictureText | None:
    """What `text_json` was given."""
    if given is None:
        return None
    lines = tuple(
        TextLine(each["text"], each["confidence"], tuple((x, y) for x, y in each["corners"]))
        for each in given["lines"]
    )
    return PictureText(given["reader"], lines, given["is_rough"])
