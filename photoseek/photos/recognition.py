"""What a picture is by its header: its format, and the name of a file that holds it."""

from __future__ import annotations

from photoseek.compat.pillow import quieten_pillow
from photoseek.errors import NotAPhotoError
from photoseek.photos.formats import ImageLimits, opened_picture
from photoseek.photos.signatures import kind_of
from photoseek.records import content_hash

_FILES = {
    "JPEG": (".jpg", "image/jpeg"),
    "PNG": (".png", "image/png"),
    "WebP": (".webp", "image/webp"),
    "GIF": (".gif", "image/gif"),
    "BMP": (".bmp", "image/bmp"),
    "TIFF": (".tif", "image/tiff"),
    "AVIF": (".avif", "image/avif"),
    "Photoshop": (".psd", "image/vnd.adobe.photoshop"),
    "JPEG 2000": (".jp2", "image/jp2"),
    "HEIC": (".heic", "image/heic"),
    "RAW": (".raw", "image/x-raw"),
}


_FINER = {
    "PNG": ("image/apng",),
    "TIFF": ("image/x-raw",),
    "JPEG 2000": ("image/jpx", "image/j2c"),
}
"""Types that the name of a file may say of pictures of a kind that begins alike."""


def content_type(start: bytes, by_name: str) -> str:
    """The content type of a picture that begins so, whose name stands for `by_name`.

    What nothing here reads is what its name says.
    """
    try:
        kind = kind_of(start).name
    except NotAPhotoError:
        return by_name
    return by_name if by_name in _FINER.get(kind, ()) else _FILES[kind][1]


def recognise(data: bytes, limits: ImageLimits) -> str:
    """The name of the format, such as "JPEG". Safe to call from threads.

    Raises:
        PhotoError: as `decode` does, as far as a header can tell.
    """
    quieten_pillow()
    with opened_picture(data, limits) as opened:
        return opened.name


def file_name(data: bytes, limits: ImageLimits) -> tuple[str, str]:
    """The name ab/ab12....jpg of a photo with these bytes, and its content type.

    Raises:
        PhotoError: the bytes are no photo, or too large a one.
    """
    extension, content_type = _FILES[recognise(data, limits)]
    digest = content_hash(data)
    return f"{digest[:2]}/{digest}{extension}", content_type
