"""Files that are named by what is in them."""

from __future__ import annotations

from photoseek.photos.decoding import recognise
from photoseek.photos.formats import ImageLimits
from photoseek.records import content_hash

_FORMATS = {
    "JPEG": (".jpg", "image/jpeg"),
    "PNG": (".png", "image/png"),
    "WebP": (".webp", "image/webp"),
    "GIF": (".gif", "image/gif"),
    "BMP": (".bmp", "image/bmp"),
    "TIFF": (".tif", "image/tiff"),
    "AVIF": (".avif", "image/avif"),
}


def file_name(data: bytes, limits: ImageLimits) -> tuple[str, str]:
    """The name ab/ab12....jpg of a photo with these bytes, and its content type.

    Raises PhotoError where the bytes are no photo, or too large a one.
    """
    extension, content_type = _FORMATS[recognise(data, limits)]
    digest = content_hash(data)
    return f"{digest[:2]}/{digest}{extension}", content_type
