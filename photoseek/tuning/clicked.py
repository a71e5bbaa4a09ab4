"""Clicks as examples: what people searched for is a caption of what they called a good hit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from photoseek.errors import SourceError
from photoseek.indexing.clicks import Click, Clicks
from photoseek.records import Photo
from photoseek.settings import IndexSettings
from photoseek.store import PhotoStore, open_store

_AT_ONCE = 1_000


@dataclass(slots=True)
class Clicked:
    """Good and wrong hits as photos whose caption is the query, one for each click.

    `gone` counts clicks on photos that have left the index.
    """

    good: list[Photo] = field(default_factory=list)
    wrong: list[Photo] = field(default_factory=list)
    gone: int = 0


def read_clicks(settings: IndexSettings) -> Clicked:
    """The clicks of the index of the settings, with the photos as the index knows them.

    Raises:
        StoreError: there is no index, or it cannot be read.
        SourceError: nobody has clicked.
    """
    store = open_store(settings.index, settings=settings)  # no folder is made where there is none
    opinions = Clicks(settings.index, settings.state).opinions()
    if not opinions:
        raise SourceError(
            f"Nobody has said yet of a hit in {settings.index} whether it is good or wrong. Serve "
            "it with PHOTOSEEK_CLICKS=true, and the page asks for it."
        )
    known = _photos(store, opinions)
    clicked = Clicked()
    for click in opinions:
        photo = known.get(click.photo)
        if photo is None:
            clicked.gone += 1
            continue
        kind = clicked.good if click.good else clicked.wrong
        kind.append(replace(photo, caption=click.query, metadata={}))
    return clicked


def _photos(store: PhotoStore, clicks: Sequence[Click]) -> dict[str, Photo]:
    ids = list(dict.fromkeys(click.photo for click in clicks))
    found: dict[str, Photo] = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = store.get(ids[start : start + _AT_ONCE])
        found |= {photo_id: stored.photo for photo_id, stored in part.items()}
    return found
