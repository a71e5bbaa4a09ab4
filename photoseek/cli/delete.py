"""`-t delete`: forget photos."""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import Protocol

from photoseek.cli.connection import named_gateway
from photoseek.cli.missing import none_here
from photoseek.cli.output import new_console, print_sentence
from photoseek.engine import PhotoSearch
from photoseek.errors import DamagedStoreError, StorageError
from photoseek.helpers.counted import counted
from photoseek.indexing.uploads import HandedIn
from photoseek.records import KnownPhoto
from photoseek.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Delete by id. Returns 1 when none of them was there."""
    ids = list(dict.fromkeys(options.words))
    if settings.gateway:
        with named_gateway(settings) as client:
            code = _delete(ids, client, client.url)
    else:
        photos = PhotoSearch(settings)
        if photos.index_status() is None:
            raise none_here(settings)
        code = _delete(ids, photos, settings.index)
    # Where it cannot be written, the next indexing run does it.
    with suppress(StorageError, DamagedStoreError):
        if handed_in := HandedIn.of(settings):
            handed_in.note_deleted(ids)
    return code


class _Index(Protocol):
    def known(self, ids: list[str]) -> dict[str, KnownPhoto]: ...

    def delete(self, ids: list[str]) -> int: ...

    def maintain(self) -> None: ...


def _delete(ids: list[str], index: _Index, place: str) -> int:
    known = index.known(ids)
    count = index.delete(ids)
    index.maintain()
    console = new_console()
    console.print(
        f"{count} of {counted(len(ids), 'photo', 'photos')} deleted from {place}.", highlight=False
    )
    for photo_id in ids:
        state = known.get(photo_id)
        if state is None or state.deleted:
            why = "was deleted earlier" if state else "is no photo of this index"
            print_sentence(console, f"{photo_id} {why}.", "yellow")
    if count:
        console.print("They stay out when their source is indexed again, unless --again is given.")
    return 0 if count else 1
