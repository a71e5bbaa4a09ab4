"""What becomes of a photo that was to be encoded."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from photoseek.records import EncodedPhoto, Outcome, Photo, Skip, Traits


@dataclass(frozen=True, slots=True)
class UnchangedPhoto:
    """A photo whose bytes are the ones that the index already holds a vector for.

    `told` is what its file says by now, where that was looked at.
    """

    photo: Photo
    content_hash: str
    told: Traits | None = None


DELETED_MEANWHILE = (
    "The photo was deleted while it was being indexed. --again brings back what was deleted."
)

Encoded = EncodedPhoto | UnchangedPhoto | Skip
"""What becomes of a photo in an encoder."""


def outcome_of(photo: Photo, result: Encoded) -> Outcome:
    """What became of a photo that was encoded and stored."""
    if isinstance(result, Skip):
        return Outcome(photo.uri, "skipped", result.reason)
    return Outcome(photo.uri, "indexed" if isinstance(result, EncodedPhoto) else "updated")


def without_deleted(results: Sequence[Encoded], deleted: Set[str]) -> list[Encoded]:
    """The results, in which photos of these ids are left out."""
    return [
        Skip(each.photo.uri, DELETED_MEANWHILE, each.photo.id)
        if not isinstance(each, Skip) and each.photo.id in deleted
        else each
        for each in results
    ]


def to_be_stored(
    results: Sequence[Encoded],
) -> tuple[list[EncodedPhoto], list[UnchangedPhoto]]:
    """The photos with vectors, and those of which only the description is to be stored."""
    encoded = [each for each in results if isinstance(each, EncodedPhoto)]
    return encoded, [each for each in results if isinstance(each, UnchangedPhoto)]


def unusable(photo: Photo, error: Exception) -> Skip:
    """The Skip for an error that nobody foresaw."""
    return Skip(photo.uri, f"Photo cannot be used ({type(error).__name__}: {error}).")
