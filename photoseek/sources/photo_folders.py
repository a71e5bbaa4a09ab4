"""The folder of a photo, as seen from its source: never where the source lies on this machine."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from photoseek.helpers.path_rules import HERE, Flavour
from photoseek.helpers.uri import is_web, scheme_of
from photoseek.records import Photo, Skip


def in_folder(found: Photo | Skip, root: str) -> Photo | Skip:
    """The photo with its folder below `root`, a path or an s3:// URI; a Skip as it is."""
    if isinstance(found, Skip):
        return found
    return replace(found, folder=folder_below(found.uri, root))


def folder_below(uri: str, root: str, flavour: Flavour = HERE) -> str:
    """What a path or URI lies in below `root`, such as Travel/Italy; "" right in it or outside."""
    if flavour == "windows" and not scheme_of(uri):
        uri, root = uri.replace("\\", "/"), root.replace("\\", "/")
    root = root.rstrip("/") + "/"
    inside = uri[len(root) :] if uri.startswith(root) else ""
    return unicodedata.normalize("NFC", inside.strip("/").rpartition("/")[0])


def folder_of_address(uri: str) -> str:
    """What the photo at a URL or s3:// URI lies in, behind its host or bucket; "" for a path."""
    if scheme_of(uri) == "s3":
        inside = uri.partition("://")[2]
    elif is_web(uri):
        parts = urlsplit(uri)
        inside = f"{parts.hostname}{unquote(parts.path)}"
    else:
        return ""
    steps = inside.split("/")[:-1]
    return unicodedata.normalize("NFC", "/".join(filter(None, steps)))
