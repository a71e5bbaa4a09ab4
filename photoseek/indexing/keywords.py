"""The fields whose words a run makes findable, as a setting names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from photoseek.errors import QueryError
from photoseek.helpers.counted import counted
from photoseek.records import Condition, Found
from photoseek.settings import RunSettings
from photoseek.store import Where
from photoseek.store.fields import BY_NAME
from photoseek.store.fulltext import checked_fields


class HasKeywords(Protocol):
    """An index that is told of which fields words are found."""

    def use_keyword_fields(self, names: Sequence[str]) -> int:
        """Find the words of these fields from now on; gives how many stored photos changed."""

    def refresh_words(self) -> int:
        """Find the words of stored photos as those of new ones; gives how many changed."""

    def search(self, query: str = "", *, top_k: int = 10, where: Where = ()) -> Found:
        """The photos that satisfy filters."""


def begin_keywords(index: HasKeywords, settings: RunSettings) -> int:
    """Let the fields of the settings be found before a run; gives how many stored photos changed.

    Without a setting those of the index stay, and an index of an earlier version learns to tell
    words apart as this one does.

    Raises:
        SettingsError: one of them has no words.
        ServiceError: the index is behind a gateway that finds the words of others.
    """
    names = settings.keyword_fields
    return index.refresh_words() if names is None else index.use_keyword_fields(names)


def keyword_remarks(index: HasKeywords, settings: RunSettings, changed: int) -> tuple[str, ...]:
    """What to tell of it after a run: the photos that changed, and names that no photo has."""
    names = checked_fields(settings.keyword_fields or ())
    remarks = []
    if changed:
        found = ", ".join(("captions", "tags", *names))
        photos = counted(changed, "photo that was", "photos that were")
        remarks.append(f"Keywords of {photos} stored are now those of {found}.")
    for name in names:
        try:
            if name not in BY_NAME:
                index.search(where=Condition(name, "!=", ""), top_k=1)
        except QueryError as error:
            remarks.append(f"PHOTOSEEK_KEYWORD_FIELDS: {error}")
    return tuple(remarks)
