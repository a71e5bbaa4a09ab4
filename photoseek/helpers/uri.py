"""The scheme of a location, the part before "://" such as s3 or https, and who answers for it."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

S3_PREFIX = "s3://"


def scheme_of(uri: str) -> str:
    """The scheme of a URI in lower case; "" for a path, whatever its parts are called.

    A single letter is a drive of Windows: C://photos is a path.
    """
    scheme, found, _ = uri.partition("://")
    return scheme.lower() if found and len(scheme) > 1 and not {"/", "\\"} & set(scheme) else ""


def is_s3(location: str | Path) -> bool:
    """Whether a location lies in S3."""
    return scheme_of(str(location)) == "s3"


def is_web(uri: str) -> bool:
    """Whether a URI is read from a web server."""
    return scheme_of(uri) in ("http", "https")


def installed_for(scheme: str, group: str) -> Any | None:
    """What a package that is installed beside photoseek offers for a scheme, None where none does.

    `group` is that of its entry points, and their name is the scheme.

    Raises:
        ImportError: it cannot be loaded; the message says so in a sentence.
    """
    for found in entry_points(group=group, name=scheme) if scheme else ():
        try:
            return found.load()
        except Exception as error:
            package = found.dist.name if found.dist else found.value
            raise ImportError(
                f"What answers for {scheme}: cannot be loaded ({type(error).__name__}: {error}). "
                f"Mend or remove the package {package}."
            ) from error
    return None
