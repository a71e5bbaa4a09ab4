"""What a server says in `X-Robots-Tag` about photos that others would like to keep."""

from __future__ import annotations

import re
from collections.abc import Iterable

from photoseek.fetch.http_rules import PRODUCT

_REASONS = {
    "noai": "noai",
    "noimageai": "noai",
    "noindex": "noindex",
    "noimageindex": "noindex",
    "none": "noindex",
}
"""The directives that forbid, and the reason that each gives; none is noindex and nofollow."""

_AGENT = re.compile(r"[a-z*][a-z0-9._*-]*")
"""What may name a crawler; a colon also stands in the time of a date."""

_WITH_VALUES = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")


def forbidden_by(values: Iterable[str]) -> str | None:
    """The reason "noai" or "noindex" where one of the header's values forbids it, else None.

    A directive after the name of a crawler ("googlebot: noindex") is for that crawler alone,
    and so are those after it up to the next name.
    """
    for value in values:
        agent = ""
        for part in value.lower().split(","):
            name, colon, rest = part.partition(":")
            name = name.strip()
            if colon and name not in _WITH_VALUES and _AGENT.fullmatch(name):
                agent, part = name, rest
            if agent in ("", "*", PRODUCT) and part.strip() in _REASONS:
                return _REASONS[part.strip()]
    return None
