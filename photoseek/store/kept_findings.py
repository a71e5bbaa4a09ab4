"""What was found in a picture stays when the photo is indexed again and its bytes are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from photoseek.records import EncodedPhoto, StoredPhoto
from photoseek.store.base import PhotoStore


def with_kept_findings(store: PhotoStore, photos: Sequence[EncodedPhoto]) -> list[EncodedPhoto]:
    """The photos, with what the store has of the same bytes where they come without it.

    That is the text in the picture, and the keywords that were suggested for it by the model of
    this index, which is the one that has encoded the photo again.
    """
    lacking = {
        each.photo.id: each.content_hash
        for each in photos
        if each.text is None or not each.traits.suggested
    }
    known = store.known(lacking) if lacking else {}
    same = [photo_id for photo_id, each in known.items() if each.content_hash == lacking[photo_id]]
    kept = store.get(same) if same else {}
    return [_with(each, kept.get(each.photo.id)) for each in photos]


def _with(photo: EncodedPhoto, kept: StoredPhoto | None) -> EncodedPhoto:
    if kept is None:
        return photo
    suggested = photo.traits.suggested or kept.traits.suggested
    traits = replace(photo.traits, suggested=suggested)
    return replace(photo, text=photo.text or kept.text, traits=traits)
