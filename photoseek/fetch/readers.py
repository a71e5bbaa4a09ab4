"""Readers of photos whose URIs have a scheme of somebody else's.

They are registered by a program, or found by an entry point of the group `photoseek.readers`, whose
name is the scheme and whose object is a `Read`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from photoseek.errors import OutsideRootsError, UnreadablePhotoError
from photoseek.helpers.uri import installed_for, scheme_of

ENTRY_POINTS = "photoseek.readers"

Read = Callable[[str, int], bytes]
"""Gives the bytes at a URI, which may be a number of them at most. Raises PhotoError, and is called
by several threads at once."""

_readers: dict[str, Read] = {}


def register_reader(scheme: str, read: Read) -> None:
    """Let a reader answer for the URIs of a scheme."""
    _readers[scheme] = read


def reader_of(uri: str) -> Read | None:
    """What reads the photo at a URI; None where nobody does.

    Raises:
        UnreadablePhotoError: the package that would cannot be loaded.
    """
    scheme = scheme_of(uri)
    if scheme not in _readers:
        try:
            found: Read | None = installed_for(scheme, ENTRY_POINTS)
        except ImportError as error:
            raise UnreadablePhotoError(str(error)) from error
        if found is None:
            return None
        register_reader(scheme, found)
    return _readers[scheme]


def check_prefixes(uri: str, roots: Sequence[str | Path] | None) -> None:
    """Refuse a URI that begins with none of the places that may be read from; None allows any.

    Raises:
        OutsideRootsError: it lies elsewhere.
    """
    if roots is None:
        return
    below = any(uri.startswith(f"{str(root).rstrip('/')}/") for root in roots)
    if below and ".." not in uri.split("/"):
        return
    raise OutsideRootsError(
        f"{uri[:80]!r} lies outside of the places that may be read. Add what it begins with to "
        "PHOTOSEEK_PHOTO_ROOTS."
    )
