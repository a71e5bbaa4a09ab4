"""Which scheme a location has: the part before "://", such as s3, https or file."""

from __future__ import annotations

from pathlib import Path

S3_PREFIX = "s3://"


def scheme_of(uri: str) -> str:
    """The scheme of a URI in lower case; "" for a path, whatever its parts are called."""
    scheme, found, _ = uri.partition("://")
    return scheme.lower() if found and "/" not in scheme else ""


def is_s3(location: str | Path) -> bool:
    """Whether a location lies in S3."""
    return scheme_of(str(location)) == "s3"


def is_web(uri: str) -> bool:
    """Whether a URI is read from a web server."""
    return scheme_of(uri) in ("http", "https")
