"""HEIC and HEIF pictures, by pillow-heif and libheif: the extra `heic`."""

from __future__ import annotations

from typing import BinaryIO

from PIL.ImageFile import ImageFile


def opened_heic(file: BinaryIO) -> ImageFile:
    """The header of the main picture in a HEIC file. libheif turns it upright as it decodes."""
    from pillow_heif import HeifImageFile  # an extra

    picture: ImageFile = HeifImageFile(file)
    return picture
