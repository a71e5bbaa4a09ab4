"""The columns of a manifest, and the form of one that photoseek writes itself.

A spreadsheet takes a text such as =1+1 for a formula, and a formula can send a whole table away. So
what is written gets an apostrophe before such a text, which tells a spreadsheet that it is one, and
which is taken away where a table of this form is read again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence

from photoseek.records import Photo

WRITTEN = (
    *("id", "path", "url", "caption", "tags", "photographer", "licence", "source_url", "folder"),
)
"""The columns of every manifest that is written, before those of the users' own manifests."""

KNOWN = (*WRITTEN, "license")
"""The columns that are read, in any case; all others are users' own."""

_OWN = "metadata."
_FORMULA = re.compile("'*[=+@\t\r\\-\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)


def is_written(columns: Collection[str]) -> bool:
    """Whether a table has the form of those that photoseek writes."""
    return set(WRITTEN) <= set(columns)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula; a number stays one."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def own_column(name: str) -> str:
    """What a user's own column is called where it would be taken for another one by its name."""
    return _OWN + name if name.lower() in KNOWN or name.startswith(_OWN) else name


def own_name(column: str) -> str:
    """What `own_column` was given."""
    return column.removeprefix(_OWN)


def cells_of(photo: Photo) -> Mapping[str, str]:
    """What stands in the columns of a photo but for its tags; "" where there is nothing."""
    is_address = "://" in photo.uri
    return {
        "id": photo.id,
        "path": "" if is_address else photo.uri,
        "url": photo.uri if is_address else "",
        "caption": photo.caption,
        "photographer": photo.photographer,
        "licence": photo.licence,
        "source_url": photo.source_url,
        "folder": photo.folder,
        **{own_column(name): value for name, value in photo.metadata.items()},
    }


def tags_cell(tags: Sequence[str]) -> str:
    """Tags in one cell, with ";" between them; as JSON where one of them holds that."""
    joined = ";".join(tags)
    if joined.count(";") >= max(1, len(tags)) or joined.startswith("["):
        return json.dumps(list(tags), ensure_ascii=False)
    is_split = len(tags) == 1 and any(mark in joined for mark in "|,")
    return f"{joined};" if is_split else joined


def tags_in(cell: str) -> list[str]:
    """The tags in a cell: JSON, or with ";" between them, or "|", or "," where there is neither."""
    if cell.startswith("[") and (tags := _json_texts(cell)) is not None:
        return tags
    separator = next((mark for mark in ";|" if mark in cell), ",")
    return cell.split(separator)


def _json_texts(text: str) -> list[str] | None:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(given, list) and all(isinstance(each, str) for each in given)
    return given if is_list else None
