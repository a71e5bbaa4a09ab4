"""What systems and programs keep among photos and nobody took: thumbnails, bins, old versions.

Names are those of folders, without regard to case. Hidden ones (.Trash-1000, .stversions,
.@__thumb, .AppleDouble, .picasaoriginals) need no mention: sources leave all of these alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

_OF_NAS = """
@eaDir @tmp @Recycle #recycle #snapshot ~snapshot @Recently-Snapshot @sharesnap @__thumb trashbox
files_trashbin files_versions
"""
"""Synology, QNAP, NetApp, TerraMaster, Buffalo, Nextcloud."""

_OF_SYSTEMS = """
$RECYCLE.BIN|RECYCLER|RECYCLED|System Volume Information|lost+found|__MACOSX|resource.frk|_vti_cnf
Network Trash Folder|Temporary Items
"""

_FOLDERS = frozenset(
    name.strip().lower()
    for names in ("|".join(_OF_NAS.split()), _OF_SYSTEMS.replace("\n", "|"))
    for name in names.split("|")
    if name.strip()
)

_ODD_FOLDER = re.compile(r"@gmt[-+_].*|appdata_oc\w+|.+\.(lrdata|lrcat-data)", re.DOTALL)
"""Copies of a whole share by their time, previews of Nextcloud and Lightroom; in lower case."""

_LIBRARIES = (".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary")
"""How folders end that are libraries of Apple's Photos, iPhoto and Aperture."""

_ORIGINALS = frozenset({"originals", "masters"})
"""Where in such a library the photos are; beside them are smaller and edited copies."""

_FILES = ("SYNOPHOTO_THUMB_", "SYNOPHOTO:THUMB_", "SYNOFILE_THUMB_")
"""How the names of Synology's thumbnails begin, also where they were copied out of @eaDir."""


@lru_cache(4096)
def is_of_system(folder: str, inside: str = "") -> bool:
    """Whether a folder of this name holds no photos of a person; `inside` is what it lies in."""
    name = folder.lower()
    if inside.lower().endswith(_LIBRARIES):
        return name not in _ORIGINALS
    return name in _FOLDERS or _ODD_FOLDER.fullmatch(name) is not None


def is_thumbnail(name: str) -> bool:
    """Whether a file of this name is a thumbnail that a system made."""
    return name.startswith(_FILES)


def folder_left_alone(folders: Sequence[str], inside: str = "") -> str:
    """The first folder on a way that `is_of_system`, or ""; the first one lies `inside`."""
    for folder in folders:
        if is_of_system(folder, inside):
            return folder
        inside = folder
    return ""


def left_alone_sentence(folders: Mapping[str, int]) -> str:
    """Such as "Folders of thumbnails, bins and the like were left alone: @eaDir 3. ...".

    `folders` counts them by their names.
    """
    ordered = sorted(folders.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} {count:,}" for name, count in ordered[:_SHOWN]]
    rest = sum(count for _, count in ordered[_SHOWN:])
    names = ", ".join([*shown, *([f"others {rest:,}"] if rest else [])])
    return (
        f"Folders of thumbnails, bins and the like were left alone: {names}. To have the photos of "
        "one of them, index that folder itself."
    )


def note_left_alone(folder: str, folders: Counter[str]) -> None:
    """Count a folder that is left alone."""
    name = folder if folder.isprintable() else ascii(folder)
    folders[name if name in folders or len(folders) < _MOST else "others"] += 1


_SHOWN = 8
_MOST = 100
