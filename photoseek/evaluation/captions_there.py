"""Whether a source has captions at all, told before a model is fetched for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace

from photoseek.errors import PhotoError
from photoseek.evaluation.gathering import NO_CAPTION
from photoseek.indexing.building import reader_of
from photoseek.indexing.told_files import with_sidecar
from photoseek.photos import ImageLimits
from photoseek.photos.telling import tell
from photoseek.records import Photo, Skip, StoredPhoto
from photoseek.settings import LibrarySettings


def captioned(
    entries: Iterable[Photo | Skip],
    settings: LibrarySettings,
    enough: int,
    captions: Callable[[Photo], Sequence[str]],
) -> tuple[int, list[Skip]]:
    """How many photos have captions, up to `enough`, and what was left out until then.

    A file is asked only where the source has no caption of a photo. No picture is decoded.
    """
    found, skipped = 0, list[Skip]()
    limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
    with closing(reader_of(settings, roots=settings.local_roots)) as reader:
        for entry in entries:
            if isinstance(entry, Skip):
                skipped.append(entry)
                continue
            photo = entry
            try:
                if not captions(photo):
                    data, sidecar = reader.read(photo.uri), with_sidecar(photo, reader)[1]
                    traits = tell(data, limits, sidecar)
                    told = StoredPhoto(photo, "", 0, 0, traits).described.caption
                    photo = replace(photo, caption=told)
            except PhotoError as error:
                skipped.append(Skip(photo.uri, str(error)))
                continue
            if captions(photo):
                found += 1
            else:
                skipped.append(Skip(photo.uri, NO_CAPTION))
            if found >= enough:
                break
    return found, skipped
