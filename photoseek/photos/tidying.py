"""Texts of strangers, fit to be stored and shown: no controls, no tricks, not too long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from photoseek.description_limits import visible

MOST_KEYWORDS = 1_000
"""Keywords of one photo."""

_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")  # they turn what follows
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"\s+")
_LINES = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_LONE = re.compile("[\ud800-\udfff]")
_OF_CAMERAS = re.compile(
    r"(?:(?:olympus|konica|minolta|samsung|sony|nikon|kodak|canon|casio|pentax|ricoh|hp|vivitar)\b"
    r"[\w .,/()-]*(?:camera|dsc|dc)|digital (?:still )?camera|dcf \d.*|exif[_ ]jpeg.*|"
    r"jpeg software.*|sony dsc|dig\w*cam\w*|default|untitled|none|null|n/?a|image|picture|photo|"
    r"hdrpl|cof|edf|binary comment|charset=ascii.*|created with .*|ascii)",
    re.IGNORECASE,
)

_RELEASES = {
    "MR-NON": "none",
    "MR-NAP": "not applicable",
    "MR-UMR": "unlimited",
    "MR-LMR": "limited",
    "PR-NON": "none",
    "PR-NAP": "not applicable",
    "PR-UPR": "unlimited",
    "PR-LPR": "limited",
}


def line_of(text: str, longest: int) -> str:
    """The text on one line."""
    return visible(_BLANKS.sub(" ", _sound(text)).strip()[:longest].strip())


def lines_of(text: str, longest: int) -> str:
    """The text with its lines."""
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in _sound(text).split("\n"))
    return visible(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:longest].strip())


def caption_of(text: str) -> str:
    """The text, unless it is what a camera writes into every photo."""
    return "" if _OF_CAMERAS.fullmatch(text.strip()) else text


def address_of(text: str, longest: int) -> str:
    """An http(s) URL, or nothing."""
    text = text.strip()
    if text.lower().startswith("www."):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        is_web = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    is_sound = len(text) <= longest and text.isprintable() and not set(' "<>\\^`{|}') & set(text)
    return text if is_web and is_sound and not _HIDDEN.search(text) else ""


def release_of(text: str) -> str:
    """The state of a release in words, by its code in the vocabulary of PLUS: MR-UMR, PR-NON."""
    return _RELEASES.get(text.strip().rpartition("/")[2].upper(), "")


def stars_of(text: str) -> str:
    """A rating, "-1" to "5"; "" where there is none. Windows has per cent."""
    try:
        value = float(text)
    except ValueError:
        return ""
    if 5 < value <= 100:
        value = 1 + round((value - 1) / 24.5)
    stars = round(value) if -1 <= value <= 5 else 0
    return str(stars) if stars else ""


def path_of(text: str, sign: str, longest: int) -> str:
    """A hierarchical keyword with "|" between its parts, where a program writes that sign."""
    parts = (line_of(part, longest) for part in text.split(sign))
    return "|".join(filter(None, parts))[:longest].strip("|")


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Those that are something, each once whatever its case, as many as are kept."""
    by_key: dict[str, str] = {}
    for text in texts:
        if text:
            by_key.setdefault(text.casefold(), text)
        if len(by_key) == MOST_KEYWORDS:
            break
    return tuple(by_key.values())


def _sound(text: str) -> str:
    text = _LINES.sub("\n", _LONE.sub("\ufffd", _HIDDEN.sub("", text)))
    return _CONTROL.sub(" ", text)
