r"""What paths and names mean on Windows and elsewhere; each rule can be told where.

A path of Windows begins with a drive, `C:\` or `C:/`, or with a share, `\\server\share`. Elsewhere
it begins with "/", and "\" and ":" are letters.
"""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePath, PureWindowsPath
from typing import Literal
from urllib.parse import unquote, urlsplit

Flavour = Literal["windows", "posix"]

HERE: Flavour = "windows" if os.name == "nt" else "posix"
"""The rules of this machine."""

LONGEST = 247
"""Characters that every Windows takes in the path of a folder; files may have twelve more."""

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|(?:\\\\|//)[^\\/.?]")
_ONLY_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\[^\\/.?]")
_DRIVE = re.compile(r"/?([A-Za-z])[:|](?=/|$)")
_VERBATIM, _SHARE = "\\\\?\\", "\\\\?\\UNC\\"

_NEVER_IN_NAMES = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|]')
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{device}{number}" for device in ("COM", "LPT") for number in "123456789¹²³"}
)


def is_hidden(path: PurePath) -> bool:
    """Whether a name begins with a dot, as what a file manager notes of a folder."""
    return path.name.startswith(".")


def is_absolute(path: str, flavour: Flavour = HERE) -> bool:
    r"""Whether a text is a whole path. `\\.\` and `\\?\`, which also name devices, are none."""
    return bool(_WINDOWS.match(path)) if flavour == "windows" else path.startswith("/")


def is_of_windows(path: str) -> bool:
    """Whether a text is a whole path as only Windows has it."""
    return bool(_ONLY_WINDOWS.match(path))


def is_share(path: str, flavour: Flavour = HERE) -> bool:
    """Whether to look at a path is to ask another machine, whose name it holds."""
    return flavour == "windows" and path[:2].replace("/", "\\") == "\\\\"


def path_of_file_uri(uri: str, flavour: Flavour = HERE) -> str:
    r"""Turn file:///photos/red%20car.jpg into /photos/red car.jpg.

    On Windows file:///C:/a.jpg becomes C:\a.jpg, and file://server/share/a.jpg a path of a share.

    Raises:
        ValueError: it is no URI, or that of a file on another machine, in a clause.
    """
    parts = urlsplit(uri)
    place, path = parts.netloc, unquote(parts.path, errors="surrogateescape")
    if flavour == "windows":
        if _DRIVE.match(place + "/"):  # file://C:/a.jpg, with two slashes
            place, path = "", f"/{place}{path}"
        if place.lower() not in ("", "localhost"):
            path = f"//{place}{path}"
        elif drive := _DRIVE.match(path):
            path = f"{drive[1]}:{path[drive.end() :]}"
        return path.replace("/", "\\")
    if place not in ("", "localhost"):
        raise ValueError(
            f"it lies on another machine ({parts.hostname}); write file:/// with three slashes for "
            "a file on this one"
        )
    return path


def extended(path: str, flavour: Flavour = HERE, *, room: int = 0) -> str:
    """A whole path in words that Windows takes however long it is; others as they are.

    `room` is how much longer the paths below it are.
    """
    if flavour != "windows" or len(path) + room <= LONGEST or not is_absolute(path, flavour):
        return path
    path = ntpath.normpath(path)
    return _SHARE + path[2:] if path.startswith("\\\\") else _VERBATIM + path


def plain(path: str, flavour: Flavour = HERE) -> str:
    """The path that people write, of one that `extended` or the system gave."""
    if flavour != "windows" or not path.startswith(_VERBATIM):
        return path
    if path.startswith(_SHARE):
        return "\\\\" + path[len(_SHARE) :]
    return path[len(_VERBATIM) :] if is_absolute(path[len(_VERBATIM) :], flavour) else path


def parent_of(place: str, flavour: Flavour = HERE) -> str:
    """What a path or URI lies in; "" at the top."""
    cut = place.rfind("/")
    if flavour == "windows" and "://" not in place:
        cut = max(cut, place.rfind("\\"))
    return place[: max(0, cut)]


def relative(path: str, folder: str | os.PathLike[str], flavour: Flavour = HERE) -> str:
    """A path as seen from a folder, with "/" on every system; whole where it has another drive."""
    if flavour == "posix":
        return posixpath.relpath(path, folder)
    try:
        return ntpath.relpath(path, folder).replace("\\", "/")
    except ValueError:  # no way leads from one drive to another
        return ntpath.abspath(path)


def last_part(path: str) -> str:
    """The name at the end of a path, of whatever system."""
    return PureWindowsPath(path).name if is_of_windows(path) else path.rpartition("/")[2]


def spellings(path: str, flavour: Flavour = HERE) -> Iterator[str]:
    r"""Ways to write a path that somebody else's machine wrote: as it is first.

    A manifest of Windows has "\" between folders, and one of a Mac may have letters and their
    accents as one character or as two, where the name on this disk has it the other way. One that
    was cut out of a URL has %20 for a space.
    """
    yield path
    slashed = path
    if flavour == "posix" and "\\" in path and not is_of_windows(path):
        yield (slashed := path.replace("\\", "/"))
    for form in ("NFC", "NFD"):
        if (other := unicodedata.normalize(form, slashed)) != slashed:
            yield other
    if (plainly := unquote(slashed, errors="surrogateescape")) != slashed:
        yield plainly


def safe_name(name: str) -> str:
    """A name that a file may have on every system, as near to this one as can be."""
    name = _NEVER_IN_NAMES.sub("_", name).rstrip(" .")
    return f"_{name}" if name.partition(".")[0].rstrip(" ").upper() in _DEVICES else name


def may_be_named(name: str, flavour: Flavour = HERE) -> bool:
    """Whether a file here may have this name, which has no "/" in it."""
    return flavour == "posix" or name == safe_name(name)
