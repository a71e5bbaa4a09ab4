"""What the file of a photo is called, and what a browser is told of it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import quote, unquote

from photoseek.helpers.path_rules import is_of_windows, last_part, safe_name
from photoseek.helpers.photo_names import RAW
from photoseek.helpers.uri import scheme_of

Opened = Literal["inline", "attachment"]
"""How a browser is to open a photo: show it, or save it."""

_LONGEST = 100
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TYPES = {
    ".png": "image/png",
    ".apng": "image/apng",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".hif": "image/heif",
    **dict.fromkeys((".psd", ".psb"), "image/vnd.adobe.photoshop"),
    ".jp2": "image/jp2",
    **dict.fromkeys((".jpf", ".jpx"), "image/jpx"),
    **dict.fromkeys((".j2k", ".j2c", ".jpc"), "image/j2c"),
    **dict.fromkeys(RAW, "image/x-raw"),
}


def own_name(uri: str) -> str:
    """The name of the file at a path or URI, without anything that leads out of a folder.

    Any system can have a file of that name; letters with accents are one character each, and no
    sign turns what follows around, so that it seems to end otherwise.
    """
    if is_of_windows(uri) or scheme_of(uri) in ("", "s3"):  # "?" and "%" are letters there
        name = last_part(uri)
    else:
        name = unquote(uri.partition("?")[0].partition("#")[0].rpartition("/")[2])
    name = _TURNING.sub("", unicodedata.normalize("NFC", name))[-_LONGEST:].lstrip(".")
    return safe_name(name) or "photo"


def picture_type(name: str) -> str:
    """The content type of a photo by its name; never one that a browser would run.

    Not by `mimetypes`, which believes what any program has told Windows.
    """
    return _TYPES.get(PurePosixPath(name).suffix.lower(), "image/jpeg")


def disposition(opened: Opened, name: str) -> str:
    """The header Content-Disposition; what is saved gets that name."""
    return f"{opened}; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
