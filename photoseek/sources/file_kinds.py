"""Files that are passed over for their names, as far as a person may take them for photos."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping

from photoseek.errors import EmptySourceError
from photoseek.helpers.extras import plain_command
from photoseek.helpers.photo_names import extra_for
from photoseek.sources.source import PHOTO_EXTENSIONS

_BESIDE_PHOTOS = "xmp aae thm pp3 dop on1 cos cop vrd acr nksc arp lrcat lrprev picasa"
_OF_SYSTEMS = """
ini db db-shm db-wal db-journal lnk url webloc desktop log tmp temp part crdownload lock pid cfg
conf plist dat bin sqlite sqlite3 localized torrent md5 sha1 sha256 sha512 par2 sfv crc asc sig pem
"""
_TEXTS_AND_DATA = """
txt md rst rtf doc docx odt pages xls xlsx ods numbers ppt pptx odp csv tsv parquet arrow json
jsonl ndjson xml yaml yml toml html htm css js py pyc sh bat cmd ps1 c h cpp rs go java php rb ipynb
sql tex exe dll so dmg iso msi apk npy npz pt safetensors onnx srt vtt gpx kml geojson eml vcf ics
"""
_ARCHIVES_SOUND_FONTS = """
zip rar 7z tar gz tgz bz2 xz zst mp3 wav flac aac m4a ogg opus wma aiff mid ttf otf woff woff2 eot
"""

NO_PICTURES = frozenset(
    f".{end}"
    for ends in (_BESIDE_PHOTOS, _OF_SYSTEMS, _TEXTS_AND_DATA, _ARCHIVES_SOUND_FONTS)
    for end in ends.split()
)
"""Ends of names, in lower case, that nobody takes for those of photos or videos."""

MOST_KINDS = 100
"""Different kinds that are told apart; names such as photo.jpg?w=640 could make a million."""

LONGEST_KIND = 16
SHOWN_KINDS = 12

NO_EXTENSION = "without an extension"
OTHERS = "others"

_LEFTOVERS = frozenset({"icon\r"})


def note_unread(name: str, kinds: Counter[str]) -> None:
    """Count a file that is passed over, by the end of its name, unless it is surely no photo."""
    extension = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a million times
    if extension in NO_PICTURES or name.lower() in _LEFTOVERS:
        return
    kind = extension[1:]
    if not kind.isalnum() or kind.isdigit():
        kind = _odd_end(name.lower()) or kind or NO_EXTENSION
    if len(kind) > LONGEST_KIND and kind != NO_EXTENSION:
        kind = kind[:LONGEST_KIND] + "..."
    if not kind.isprintable() or kind != kind.strip():
        kind = ascii(kind)
    kinds[kind if kind in kinds or len(kinds) < MOST_KINDS else OTHERS] += 1


def not_read_sentence(kinds: Mapping[str, int]) -> str:
    """Such as "4 files of kinds that are not read: heic 2, mp4 2. ..."."""
    count = sum(kinds.values())
    files = "1 file of a kind that is" if count == 1 else f"{count:,} files of kinds that are"
    remedy = "To have photos among them read, save them as JPEG (.jpg)."
    return f"{files} not read: {kinds_in_words(kinds)}. {remedy}"


def holds_no_photos(place: str, things: str, kinds: Mapping[str, int]) -> EmptySourceError:
    """The error for a folder or bucket without photos, that says what there is instead."""
    seen = f" {not_read_sentence(kinds)}" if kinds else ""
    return EmptySourceError(
        f"{place} holds no photos. photoseek looks for {things} that end in "
        f"{', '.join(sorted(PHOTO_EXTENSIONS))}.{seen}"
    )


def kinds_in_words(kinds: Mapping[str, int]) -> str:
    """The most frequent kinds with how many files are of each, and what would read them."""
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{kind} {number:,}{_remedy(kind)}" for kind, number in ordered[:SHOWN_KINDS]]
    rest = sum(number for _, number in ordered[SHOWN_KINDS:])
    return ", ".join([*shown, *([f"of other kinds {rest:,}"] if rest else [])])


def _remedy(kind: str) -> str:
    """Such as " (pip install 'photoseek[heic]')", where an extra reads such files."""
    extra = extra_for(f".{kind}")
    return f" ({plain_command(extra)})" if extra else ""


def _odd_end(name: str) -> str:
    """What follows the stem of photo.jpg~, photo.jpg_large, photo.jpeg.1 and their like."""
    begin = max(map(name.rfind, PHOTO_EXTENSIONS))
    return name[begin + 1 :] if begin >= 0 else ""
