"""What was read in a picture stays when the photo is indexed again and its bytes are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from photoseek.records import EncodedPhoto
from photoseek.store.base import PhotoStore


def with_kept_texts(store: PhotoStore, photos: Sequence[EncodedPhoto]) -> list[EncodedPhoto]:
    """The photos, those without a text with the one that the store has of the same bytes."""
    unread = {each.photo.id: each.content_hash for each in photos if each.text is None}
    known = store.known(unread) if unread else {}
    same = [photo_id for photo_id, each in known.items() if each.content_hash == unread[photo_id]]
    kept = {key: each.text for key, each in store.get(same).items()} if same else {}
    return [replace(each, text=each.text or kept.get(each.photo.id)) for each in photos]
