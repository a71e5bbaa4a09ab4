"""The folder of a photo, as seen from its source: never where the source lies on this machine."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from photoseek.helpers.path_rules import HERE, Flavour
from photoseek.helpers.uri import is_web, scheme_of


def folder_below(uri: str, root: str, flavour: Flavour = HERE) -> str:
    """What a path or URI lies in below `root`, such as Travel/Italy; "" right in it or outside."""
    if flavour == "windows" and not scheme_of(uri):
        uri, root = uri.replace("\\", "/"), root.replace("\\", "/")
    return _below(uri.rstrip("/").rpartition("/")[0], root.rstrip("/"))


@lru_cache(256)
def _below(place: str, root: str) -> str:
    """The way from a root to a place below it; thousands of photos lie in one."""
    inside = place[len(root) + 1 :] if place.startswith(f"{root}/") else ""
    return unicodedata.normalize("NFC", inside.strip("/"))


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
