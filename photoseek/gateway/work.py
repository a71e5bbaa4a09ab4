"""How much one request may ask for, and how much work it is.

Checked before anything is read further: what is asked for in a few kilobytes can be minutes of
work for the index, and an answer of many megabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from photoseek.description_limits import MAX_IDS

MAX_PHOTOS = 512
"""Photos that one request may have indexed."""

MAX_HITS = 2_000
"""Photos that the answer to one request may describe."""

MAX_CHARACTERS = 200_000
"""Characters that the filters of one request may have; a search in a URL can have 130,000."""

PHOTOS_PER_UNIT = 32
HITS_PER_UNIT = 100
IDS_PER_UNIT = 1_000
CHARACTERS_PER_UNIT = 1_000
OFFSET_PER_HIT = 100
"""Photos that are passed over cost about a hundredth of those that are described."""


class TooMuchError(Exception):
    """One request asks for too much; the message says so in words."""


class Asked(NamedTuple):
    """What a request, or one document of it, asks for.

    `weight` is how many searches it is, or its share of what a request may have; `filters` counts
    the characters that its filters have.
    """

    weight: int = 1
    hits: int = 0
    ids: int = 0
    filters: int = 0

    @property
    def units(self) -> int:
        """How much it takes of its client's allowance: a plain search takes 1."""
        return max(
            1,
            self.weight,
            ceil(self.hits / HITS_PER_UNIT),
            ceil(self.ids / IDS_PER_UNIT),
            ceil(self.filters / CHARACTERS_PER_UNIT),
        )


def hits_asked(top_k: int, offset: int) -> int:
    """How many photos a page is worth, those before it included."""
    return top_k + offset // OFFSET_PER_HIT


def units_to_index(photos: int) -> int:
    """How much a batch of photos takes of its client's allowance."""
    return max(1, ceil(photos / PHOTOS_PER_UNIT))


def check_number(where: str, number: int, most: int, what: str, given: str) -> None:
    """Raise TooMuchError where a request has more than `most` of something."""
    if number > most:
        raise TooMuchError(
            f"{where} takes at most {most} {what} in one request; this one has {given}. "
            "Send them in several requests."
        )


def check_sums(asked: Sequence[Asked]) -> None:
    """Raise TooMuchError where all documents of a request ask for too much together."""
    if (hits := sum(each.hits for each in asked)) > MAX_HITS:
        raise TooMuchError(
            f"One request may ask for {MAX_HITS} photos, all documents together and with one for "
            f"every {OFFSET_PER_HIT} that `offset` passes over; this one asks for {hits}. "
            "Lower top_k, or send several requests."
        )
    if (ids := sum(each.ids for each in asked)) > MAX_IDS:
        raise TooMuchError(
            f"One request may hold {MAX_IDS} ids, all documents together; this one has {ids}. "
            "Send several requests."
        )
    if (filters := sum(each.filters for each in asked)) > MAX_CHARACTERS:
        raise TooMuchError(
            f"The filters of one request may have {MAX_CHARACTERS} characters, all documents "
            f"together; these have {filters}. Send several requests."
        )
