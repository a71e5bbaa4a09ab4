"""How the names of photos end, by what reads them."""

from __future__ import annotations

from collections.abc import Iterable

from photoseek.helpers.extras import Extra, has_extra

_PLAIN = "jpg jpeg jpe jfif mpo png apng webp gif bmp tif tiff avif psd jp2 j2k j2c jpc jpf jpx"
_RAW = """
3fr ari arw bay cr2 cr3 crw dcr dng erf fff gpr iiq k25 kdc mef mos mrw nef nrw orf pef raf raw rw2
rwl sr2 srf srw x3f
"""

PLAIN = frozenset(f".{end}" for end in _PLAIN.split())
"""Ends of names, in lower case, that are read wherever photoseek is installed."""

HEIC = frozenset({".heic", ".heif", ".hif"})

RAW = frozenset(f".{end}" for end in _RAW.split())
"""What cameras save besides or instead of JPEG, each maker in a format of its own."""

_OF_EXTRAS: dict[Extra, frozenset[str]] = {"heic": HEIC, "raw": RAW}

JPEG = frozenset({".jpg", ".jpeg", ".jpe", ".jfif"})
"""What cameras save beside a raw picture."""


def extra_for(extension: str) -> Extra | None:
    """The extra that reads files whose names end so, such as "heic" for ".heif"."""
    return next((extra for extra, ends in _OF_EXTRAS.items() if extension in ends), None)


def readable_extensions(extras: Iterable[Extra]) -> frozenset[str]:
    """Ends of the names of photos that are read where these extras are installed."""
    return PLAIN.union(*(_OF_EXTRAS.get(extra, frozenset()) for extra in extras))


def installed_extras() -> tuple[Extra, ...]:
    """Those of the extras for photos that are installed here."""
    return tuple(extra for extra in _OF_EXTRAS if has_extra(extra))
