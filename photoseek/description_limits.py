"""How much may be said of a photo, so that one row never fails a batch, the index or the page.

And how much one request may ask for, whichever way it comes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from unicodedata import category

from photoseek.errors import DescriptionError
from photoseek.records import Photo, sidecars_of

MAX_IDS = 10_000
"""Ids that one request may hold."""

MAX_FILTERS = 32
"""Filters of one search."""

MAX_ORDER = 100
MAX_CURSOR = 10_000
"""Characters of an order that photos are sorted in, and of what leads to a next page."""

MAX_TOP_K = 1_000
MAX_OFFSET = 100_000
"""Photos on one page, and before it."""

MAX_ID = 1_000
MAX_VERSION = 1_000
MAX_ADDRESS = 10_000
"""Characters of an id, a version, a uri, source_url or folder: cut, they would be other ones."""

MAX_CAPTION = 100_000
MAX_NAME = 10_000
"""Characters of a caption, and of a photographer or licence."""

MAX_TAG = 1_000
MAX_TAGS = 100_000
"""Characters of one tag, and of all tags of a photo, each counted with one more."""

MAX_COLUMN = 1_000
MAX_COLUMNS = 1_000
MAX_VALUE = 100_000
MAX_METADATA = 500_000
"""Metadata: characters of a name, how many names, characters of a value, and of all of it."""

WHOLE = {
    "id": MAX_ID,
    "uri": MAX_ADDRESS,
    "version": MAX_VERSION,
    "source_url": MAX_ADDRESS,
    "folder": MAX_ADDRESS,
}
"""Characters of the fields that cannot be shortened."""

TEXTS = {"caption": MAX_CAPTION, "photographer": MAX_NAME, "licence": MAX_NAME}
"""Characters of the fields whose end may be cut off."""

_CONTROL = "\x00-\x1f\x7f-\x9f"
_LONE = "\ud800-\udfff"  # half a character, which no UTF-8 can hold
_ODD_IN_ID = re.compile(f"[{_CONTROL}{_LONE}]")
_ODD_IN_ADDRESS = re.compile(f"[\x00{_LONE}]")  # file names may hold the other ones
_ODD_IN_TEXT = re.compile(f"(?![\t\n\r])[{_CONTROL}{_LONE}]")

_NO_INK = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)  # fillers, an empty pattern of Braille, and what only changes the letter before it


def fitted(photo: Photo) -> tuple[Photo, tuple[str, ...]]:
    """Shorten what is too long; gives a remark for each field that has lost something.

    Control characters in texts become spaces and halves of characters "\ufffd", and a text in
    which nothing can be seen becomes none, without a remark.

    Raises:
        DescriptionError: an id or an address would become another one.
    """
    for name, most in WHOLE.items():
        _check_whole(name, getattr(photo, name), most)
    if photo.sidecar and photo.sidecar.lower() not in sidecars_of(photo.uri):
        raise DescriptionError(f"{printable(photo.sidecar[:200])} is no side-car of it")
    remarks: list[str] = []
    if not (photo.caption or photo.tags or photo.metadata or photo.photographer or photo.licence):
        return photo, ()  # as those of a bucket, which may be a million
    texts = {name: _text(name, getattr(photo, name), most, remarks) for name, most in TEXTS.items()}
    tags = _tags(photo.tags, remarks)
    metadata = _metadata(photo.metadata, remarks)
    return replace(photo, **texts, tags=tags, metadata=metadata), tuple(remarks)


def checked(photo: Photo) -> Photo:
    """The photo with clean texts.

    Raises:
        DescriptionError: it would have to be shortened.
    """
    cleaned, remarks = fitted(photo)
    if remarks:
        raise DescriptionError(f"{remarks[0]}. Shorten it")
    return cleaned


def checked_in_batch(photo: Photo, seen: set[str]) -> Photo:
    """The photo with clean texts, whose id is added to `seen`, those of its batch before it.

    Raises:
        DescriptionError: it would have to be shortened, or another one had its id.
    """
    photo = checked(photo)
    if photo.id in seen:
        raise DescriptionError(f"another one in this batch has the id {photo.id}")
    seen.add(photo.id)
    return photo


def _check_whole(name: str, text: str, most: int) -> None:
    if len(text) > most:
        shown = _ODD_IN_ID.sub("\ufffd", text[:40])
        raise DescriptionError(
            f"the {name} {shown}... has {len(text):,} characters; at most {most:,} can be used"
        )
    if name in ("id", "uri") and not text:
        raise DescriptionError(f"the {name} is empty")
    odd = _ODD_IN_ID if name == "id" else _ODD_IN_ADDRESS
    if found := odd.search(text):
        shown = _ODD_IN_ID.sub("\ufffd", text[:80])
        raise DescriptionError(
            f"the {name} {shown} holds the character {found[0]!a}, which cannot be used"
        )


def _text(name: str, text: str, most: int, remarks: list[str]) -> str:
    if len(text) > most:
        remarks.append(f"the {name} has {len(text):,} characters; the first {most:,} are kept")
        text = text[:most]
    return clean(text)


def clean(text: str) -> str:
    """A text as it is kept, and searched for: control characters but tabs and line ends become
    spaces, halves of characters "\ufffd", and a text in which nothing can be seen none.
    """
    return visible(_ODD_IN_TEXT.sub(_instead, text) if _ODD_IN_TEXT.search(text) else text)


def _instead(odd: re.Match[str]) -> str:
    return "\ufffd" if odd[0] >= "\ud800" else " "


def _tags(tags: tuple[str, ...], remarks: list[str]) -> tuple[str, ...]:
    kept: list[str] = []
    room = MAX_TAGS
    for tag in tags:
        room -= min(len(tag), MAX_TAG) + 1
        if room < 0:
            remarks.append(f"there are too many tags; the first {len(kept):,} are kept")
            break
        kept.append(_text("tag", tag, MAX_TAG, remarks))
    return tuple(dict.fromkeys(filter(None, kept)))


def _metadata(metadata: Mapping[str, str], remarks: list[str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    room = MAX_METADATA
    for name, value in metadata.items():
        shown = printable(name[:80])
        if len(name) > MAX_COLUMN:
            remarks.append(f"the column {shown}... has too long a name, and is left out")
            continue
        text = _text(f"column {shown}", value, MAX_VALUE, remarks)
        room -= len(name) + len(text)
        if room < 0 or len(kept) == MAX_COLUMNS:
            remarks.append(f"there is too much metadata; from the column {shown} on it is left out")
            break
        if text or not value:
            kept[clean(name)] = text
    return kept


def visible(text: str) -> str:
    """The text as it is, or "" where no character of it can be seen, as where it is U+200B."""
    return text if any(map(_is_seen, text)) else ""


def _is_seen(character: str) -> bool:
    return character not in _BLANK and category(character) not in _NO_INK


def printable(text: str) -> str:
    r"""Make any text fit for a message or a log: bytes that are no UTF-8 become \udc.."""
    return text.encode(errors="backslashreplace").decode()
