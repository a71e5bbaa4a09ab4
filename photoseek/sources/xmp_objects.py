"""Side-cars in buckets: objects of XMP beside photos, found in a listing without asking for more.

A listing is in the order of the keys, in which a side-car comes soon after its photo, or, where it
ends in ".XMP", before it. Keys have their case, but for that end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator

from photoseek.files.filestore import Entry
from photoseek.sources.source import has_extension
from photoseek.sources.xmp_files import SIDECAR, is_sidecar

MOST_BESIDE = 1_000
"""Objects that are looked at for the side-car of one photo."""

_Pair = tuple[Entry, Entry | None]


def entries_with_sidecars(entries: Iterable[Entry]) -> Iterator[_Pair]:
    """All entries in their order, each photo with its side-car."""
    waiting: deque[Entry] = deque()
    sidecars: dict[str, Entry] = {}
    for entry in entries:
        while waiting and (entry.name > _last_key(waiting[0].name) or len(waiting) > MOST_BESIDE):
            yield _paired(waiting.popleft(), sidecars)
        if is_sidecar(entry.name):
            if len(sidecars) > MOST_BESIDE:
                del sidecars[next(iter(sidecars))]
            sidecars[_of(entry)] = entry
        waiting.append(entry)
    while waiting:
        yield _paired(waiting.popleft(), sidecars)


def sidecar_among(name: str, entries: Iterable[Entry]) -> Entry | None:
    """The side-car of the photo at a key among entries."""
    return _found(name, {_of(entry): entry for entry in entries if is_sidecar(entry.name)})


def sidecar_among_uris(uri: str, uris: Container[str]) -> str:
    """The URI of the side-car of the photo at one, among those that there are; "" for none."""
    ends = (SIDECAR, SIDECAR.upper())
    names = (f"{beside}{end}" for beside in (uri, uri.rpartition(".")[0]) for end in ends)
    return next((name for name in names if name in uris), "")


def is_beside(sidecar: str, name: str) -> bool:
    """Whether a side-car may be that of the photo at a key."""
    return sidecar[: -len(SIDECAR)] in (name, name.rpartition(".")[0])


def _paired(entry: Entry, sidecars: dict[str, Entry]) -> _Pair:
    return entry, _found(entry.name, sidecars) if has_extension(entry.name) else None


def _found(name: str, sidecars: dict[str, Entry]) -> Entry | None:
    return sidecars.get(name) or sidecars.get(name.rpartition(".")[0])


def _of(sidecar: Entry) -> str:
    """What a side-car is beside: a photo's key, or that without its extension."""
    return sidecar.name[: -len(SIDECAR)]


def _last_key(name: str) -> str:
    """The last key, in their order, that the side-car of a photo can have; others wait for none."""
    if not has_extension(name):
        return ""
    stem = name.rpartition(".")[0]
    return max(f"{stem}{SIDECAR}", f"{name}{SIDECAR}")
