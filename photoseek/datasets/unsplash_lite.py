"""The Unsplash Lite data set as a list of photos. github.com/unsplash/datasets shows its layout.

Its terms (unsplash.com/data-terms) let one download, store and use the photos internally, and not
publish them. Every row therefore names these terms, credits its photographer, and links to
Unsplash in the way that Unsplash asks for.
"""

from __future__ import annotations

import csv
import heapq
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from photoseek.download.append_log import table_of
from photoseek.errors import SourceError
from photoseek.files.atomic import replacing
from photoseek.helpers.path_rules import relative
from photoseek.helpers.uri import scheme_of
from photoseek.sources.quoting import LONGEST_FIELD, allow_fields_of

URL = "https://unsplash.com/data/lite/latest"
LICENCE = "Unsplash Dataset Terms (https://unsplash.com/data-terms)"
COLUMNS = (
    "id", "path", "url", "caption", "tags", "photographer", "licence", "source_url", "width",
    "height", "photographer_url",
)  # fmt: skip

_REFERRAL = {"utm_source": "photoseek", "utm_medium": "referral"}
_NEEDED = {
    "photos": {"photo_id", "photo_url", "photo_image_url"},
    "keywords": {"photo_id", "keyword"},
}

LEAST_CONFIDENCE = 50.0
"""Percent. Keywords that a service was less sure of do not become tags."""

MOST_TAGS = 30
_USERS_WORD = 1000.0
"""The score of a keyword that a person gave: above every confidence."""


def write_list(archive: Path, path: Path, width: int, manifest: Path | None = None) -> int:
    """Write the photos of an archive as CSV, with URLs of pictures `width` pixels wide.

    Those that a download's `manifest` says are here get their path as well, so that indexing
    need not fetch them again. Gives how many photos there are. A file that is already so is not
    touched, and one that is no list of this data set is not replaced.

    Raises:
        SourceError: the archive is damaged, or the file must not be replaced or cannot be written.
    """
    _check_replaceable(path)
    here = _paths(manifest, path.parent)
    try:
        with _damage_explained(archive), zipfile.ZipFile(archive) as opened:
            tags = _tags(opened)
            lines = [
                _line(row, tags.get(row["photo_id"], {}), width, here)
                for row in _rows(opened, "photos")
            ]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([list(COLUMNS), *lines])
        data = text.getvalue().encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != data:
            with replacing(path) as part:
                part.write_bytes(data)
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}.") from error
    return len(lines)


def _paths(manifest: Path | None, folder: Path) -> dict[tuple[str, str], str]:
    """The places of the photos that have arrived, by id and URL, as seen from a folder."""
    if manifest is None or not manifest.is_file():
        return {}
    found = {}
    try:
        for row in table_of(manifest).rows():
            photo_id, url, path = (str(row.cells.get(name, "")) for name in ("id", "url", "path"))
            if path and not scheme_of(path):
                path = relative(str(manifest.parent / path), folder)
            found[photo_id, url] = path
    except SourceError:  # nothing has arrived yet
        return {}
    return found


def _line(
    row: dict[str, str], tags: dict[str, float], width: int, here: dict[tuple[str, str], str]
) -> list[str]:
    name = f"{row.get('photographer_first_name', '')} {row.get('photographer_last_name', '')}"
    username = row.get("photographer_username", "")
    image = {"w": str(width), "fit": "max", "fm": "jpg", "q": "80"}
    url = _with_query(row["photo_image_url"], image)
    return [
        row["photo_id"],
        here.get((row["photo_id"], url), ""),
        url,
        row.get("photo_description") or row.get("ai_description", ""),
        ";".join(_best(tags)),
        " ".join(name.split()) or username,
        LICENCE,
        _with_query(row["photo_url"], _REFERRAL),
        row.get("photo_width", ""),
        row.get("photo_height", ""),
        _with_query(f"https://unsplash.com/@{username}", _REFERRAL) if username else "",
    ]


def _with_query(url: str, more: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(more))))
    return parts._replace(query=query).geturl()


def _tags(archive: zipfile.ZipFile) -> dict[str, dict[str, float]]:
    """The keywords of each photo with their scores, few more than will be used."""
    found: dict[str, dict[str, float]] = {}
    for row in _rows(archive, "keywords"):
        keyword = row["keyword"].replace(";", " ").strip()
        score = _score(row)
        if keyword and score >= LEAST_CONFIDENCE:
            tags = found.setdefault(row["photo_id"], {})
            tags[keyword] = max(score, tags.get(keyword, 0.0))
            if len(tags) > 4 * MOST_TAGS:
                found[row["photo_id"]] = {tag: tags[tag] for tag in _best(tags)}
    return found


def _best(tags: dict[str, float]) -> list[str]:
    return heapq.nlargest(MOST_TAGS, tags, key=lambda tag: tags[tag])


def _score(row: dict[str, str]) -> float:
    if row.get("suggested_by_user", "").lower() in ("t", "true"):
        return _USERS_WORD
    confidences = (row.get(f"ai_service_{n}_confidence", "") for n in (1, 2))
    return max((_number(text) for text in confidences), default=0.0)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _rows(archive: zipfile.ZipFile, table: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table, which may lie in several files: photos.tsv000, photos.tsv001."""
    names = sorted(
        name
        for name in archive.namelist()
        if name.rpartition("/")[2].startswith((f"{table}.tsv", f"{table}.csv"))
        and not name.startswith("__MACOSX/")
    )
    if not names:
        raise SourceError(f"{archive.filename} holds no {table}.tsv000. Is it Unsplash Lite?")
    for name in names:
        with archive.open(name) as raw:
            text = io.TextIOWrapper(raw, "utf-8-sig", errors="replace", newline="")
            yield from _cells(text, f"{name} in {archive.filename}", _NEEDED[table])


def _cells(text: io.TextIOWrapper, name: str, needed: set[str]) -> Iterator[dict[str, str]]:
    allow_fields_of(LONGEST_FIELD)
    header = text.readline()
    delimiter = "\t" if "\t" in header else ","
    columns = [column.strip() for column in next(csv.reader([header], delimiter=delimiter), [])]
    missing = sorted(needed - set(columns))
    if missing:
        raise SourceError(f"{name} has no column {missing[0]}. Is it Unsplash Lite?")
    for fields in csv.reader(text, delimiter=delimiter):
        row = dict(zip(columns, map(str.strip, fields), strict=False))
        if all(row.get(column) for column in needed):
            yield row


def _check_replaceable(path: Path) -> None:
    try:
        if path.exists():
            with path.open(newline="", encoding="utf-8", errors="replace") as file:
                if next(csv.reader(file), []) != list(COLUMNS):
                    raise SourceError(
                        f"{path} is something else than a list of this data set, and is not "
                        "replaced. Move it away."
                    )
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error


@contextmanager
def _damage_explained(archive: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, csv.Error) as error:
        raise SourceError(
            f"{archive} is damaged ({error}). Remove it, and run again to fetch it once more."
        ) from error
