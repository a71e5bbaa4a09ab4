"""Photos that come in a batch, each with its own faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from photoseek import description_limits as limits
from photoseek.errors import DescriptionError
from photoseek.gateway.routes.index_models import PhotoToIndex
from photoseek.records import Keep, Photo
from photoseek.settings.form_errors import what_to_give

ABOUT = 1_000
"""About how many bytes a photo of a batch has: many are better read in a thread."""

_SHOWN = 1_000
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A photo of a batch; one with an `error` cannot be used, and has an id and uri at most."""

    photo: Photo
    known_hash: str = ""
    keep: Keep = "thumbnail"
    error: str = ""


def read_photos(given: Sequence[Any]) -> list[Entry]:
    """The photos of a batch, in order. Of several with one id the first counts."""
    seen: set[str] = set()
    entries: list[Entry] = []
    for each in given:
        entry = _read(each)
        photo_id = entry.photo.id
        if not entry.error and photo_id in seen:
            entry = _faulty(each, f"another one in this batch has the id {photo_id}")
        seen.add(photo_id)
        entries.append(entry)
    return entries


def _read(given: Any) -> Entry:
    try:
        body = PhotoToIndex.model_validate(given)
        if not body.known_hash.isascii():
            return _faulty(given, "its known_hash is none")
        fields = body.model_dump(exclude={"known_hash", "keep", "tags"})
        photo = limits.checked(Photo(**fields, tags=tuple(body.tags)))
    except ValidationError as error:
        return _faulty(given, _reason(error))
    except DescriptionError as error:
        return _faulty(given, str(error))
    return Entry(photo, body.known_hash, body.keep)


def _faulty(given: Any, reason: str) -> Entry:
    """What stays of a photo that cannot be used: whose it is, as far as it says so."""
    fields = given if isinstance(given, dict) else {}
    id_, uri = (_shown(fields.get(name), limits.WHOLE[name]) for name in ("id", "uri"))
    return Entry(Photo(id_, uri), error=limits.printable(f"The photo is left out: {reason}."))


def _reason(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)
    named = (f"{'.'.join(map(str, each['loc']))}: {what_to_give(each)}" for each in found[:3])
    return "; ".join(named).removeprefix(": ")[:_SHOWN]


def _shown(value: object, most: int) -> str:
    return limits.printable(value[:most])[:most] if isinstance(value, str) else ""
