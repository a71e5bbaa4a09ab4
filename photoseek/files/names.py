"""What the file of a photo is called, and what a browser is told of it."""

from __future__ import annotations

import mimetypes
import re
from typing import Literal
from urllib.parse import quote, unquote

from photoseek.helpers.uri import scheme_of

Opened = Literal["inline", "attachment"]
"""How a browser is to open a photo: show it, or save it."""

_LONGEST = 100
_NEVER_IN_NAMES = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|]')


def own_name(uri: str) -> str:
    """The name of the file at a path or URI, without anything that leads out of a folder."""
    if scheme_of(uri) in ("", "s3"):  # "?" and "%" are letters there
        name = uri.rpartition("/")[2]
    else:
        name = unquote(uri.partition("?")[0].partition("#")[0].rpartition("/")[2])
    return _NEVER_IN_NAMES.sub("_", name)[-_LONGEST:].lstrip(".") or "photo"


def picture_type(name: str) -> str:
    """The content type of a photo by its name; never one that a browser would run."""
    guessed = mimetypes.guess_type(name)[0] or ""
    return guessed if guessed.startswith("image/") and "svg" not in guessed else "image/jpeg"


def disposition(opened: Opened, name: str) -> str:
    """The header Content-Disposition; what is saved gets that name."""
    return f"{opened}; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
