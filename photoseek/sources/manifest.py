"""A table that lists photos: their paths or URLs, and what is known about each."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Self
from urllib.parse import urlsplit

from photoseek.errors import SourceError
from photoseek.helpers.idset import key_of
from photoseek.limits import printable
from photoseek.records import Photo, Skip
from photoseek.sources.bucket import read_object, versions_below
from photoseek.sources.encodings import Content
from photoseek.sources.parquet import ParquetTable
from photoseek.sources.source import Notes, file_version, is_utf8, photo_id
from photoseek.sources.tables import Cell, CsvTable, Row, Table

MANIFEST_EXTENSIONS = (".csv", ".tsv", ".parquet")

_SCHEMES = ("http", "https", "s3")
_S3 = "s3://"

_KNOWN = (
    "path",
    "url",
    "id",
    "caption",
    "tags",
    "photographer",
    "licence",
    "license",
    "source_url",
)


@dataclass(frozen=True, slots=True)
class ManifestSource:
    """The photos of a manifest, in its order.

    A row needs a `path` (relative ones start at the manifest's folder) or a `url`; where both
    are given, the path is taken if there is a file. Either may be an s3:// URI, and the manifest
    may lie in S3. It may have `id`, `caption`, `tags`, `photographer`, `licence` (or `license`)
    and `source_url`; the case of these names is ignored. Every other column that is not empty
    goes to the metadata of its photo.

    Tags are separated by ";", or by "|" where there is no ";", or by "," where there is neither.
    Of rows with the same id the first counts. A photo behind a URL has no version, since only
    fetching tells whether it has changed; nor has one in S3, unless it lies below the folder of a
    manifest in S3, which is listed for it.
    """

    location: str
    _table: Table
    _names: dict[str, str]
    notes: Notes = field(default_factory=Notes, compare=False)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a manifest. Raises SourceError: no table, wrong columns, or no rows."""
        return cls._opened(lambda: path.open("rb"), str(path))

    @classmethod
    def download(cls, location: str) -> Self:
        """Open a manifest in S3, which is kept in memory."""
        data = read_object(location)
        return cls._opened(partial(BytesIO, data), location)

    @classmethod
    def _opened(cls, content: Content, location: str) -> Self:
        table = open_table(content, location)
        source = cls(location, table, known_columns(location, table))
        if next(table.rows(), None) is None:
            raise SourceError(f"{location} names its columns and lists no photos below them.")
        return source

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield a Photo or a Skip for each row. Remembers 8 bytes of each id."""
        self.notes.begin()
        for remark in self._table.remarks:
            self.notes.remark(remark)
        first_rows: dict[int, int] = {}
        in_bucket = self.location.startswith(_S3)
        versions = versions_below(self.location.rpartition("/")[0]) if in_bucket else {}
        for row in self._table.rows():
            found = self._photo(row, versions)
            if isinstance(found, Photo):
                first = first_rows.setdefault(key_of(found.id), row.number)
                if first != row.number:
                    found = self._skip(row, f"the id {found.id} was used in {self._at(first)}")
            yield found

    def count(self) -> int:
        """Count the rows."""
        return self._table.count()

    def _photo(self, row: Row, versions: Mapping[str, str]) -> Photo | Skip:
        if row.problem:
            return replace(self._skip(row, row.problem), unclear=True)
        path, url = (cell_text(row, self._names, name) for name in ("path", "url"))
        uri, version = self._place(path, url)
        if not uri:
            own_id = cell_text(row, self._names, "id") or self._id_of(path)
            return replace(self._skip(row, version), id=own_id)
        photo = described(row, self._names, uri, version or versions.get(uri, ""))
        return self.notes.fitted(photo, self._at(row.number), f"{self.location}:{row.number}")

    def _place(self, path: str, url: str) -> tuple[str, str]:
        """Give the uri and version of a row, or "" and the reason why it has none."""
        problem = "row has neither a path nor a url"
        if path and not path.startswith("/") and self.location.startswith(_S3):
            path = path if "://" in path else self.location.rpartition("/")[0] + "/" + path
        if path.startswith(_S3):
            return path, ""
        if path:
            try:
                full = self._full(path)
                status = os.stat(full)  # noqa: PTH116
                if not is_utf8(full):
                    problem = f"{printable(full)} is not UTF-8; rename it"
                elif stat.S_ISREG(status.st_mode):
                    return full, file_version(status)
                else:
                    problem = f"{full} is not a file"
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                problem = f"{path} cannot be read: {reason}"
        if url:
            try:
                if urlsplit(url).scheme.lower() in _SCHEMES and urlsplit(url).hostname:
                    return url, ""
                problem = f"{url[:200]} is no http(s) or s3 URL; put paths into the column path"
            except ValueError as error:
                problem = f"{url[:200]} is no URL ({error})"
        return "", problem

    def _full(self, path: str) -> str:
        # Strings, because a million rows would spend a minute on making Paths.
        folder = "" if path.startswith("/") else self.location.rpartition("/")[0] + "/"
        return os.path.realpath(folder + path)

    def _id_of(self, path: str) -> str:
        """The id that the photo at a path has while its file can be read; "" without a path."""
        try:
            return photo_id(self._full(path)) if path else ""
        except ValueError:
            return ""

    def _skip(self, row: Row, reason: str) -> Skip:
        return Skip(f"{self.location}:{row.number}", f"{self._at(row.number)}: {reason}.")

    def _at(self, number: int) -> str:
        return f"{self._table.row_name} {number}"


def open_table(content: Content, location: str) -> Table:
    """Open a table by its extension. Raises SourceError where it cannot be read."""
    suffix = PurePosixPath(location).suffix.lower()
    if suffix == ".parquet":
        return ParquetTable(content, location)
    return CsvTable(content, "\t" if suffix == ".tsv" else ",", location)


def known_columns(location: str, table: Table) -> dict[str, str]:
    """Map the columns that we know to their spelling in this manifest.

    Raises SourceError where a name stands twice, or where there is neither a path nor a url.
    """
    columns = [name for name in table.columns if name]
    lower = [name.lower() for name in columns]
    twice = sorted({name for name in lower if lower.count(name) > 1})
    if twice:
        raise SourceError(f"{location} has more than one column {twice[0]!r}. Rename one of them.")
    if "path" not in lower and "url" not in lower:
        found = printable(", ".join(columns)[:300])
        raise SourceError(
            f"{location} has the columns {found}. It needs a column path or url, and may have "
            f"{', '.join(_KNOWN[2:])}."
        )
    return {known: columns[lower.index(known)] for known in _KNOWN if known in lower}


def described(row: Row, names: Mapping[str, str], uri: str, version: str = "") -> Photo:
    """Give the photo at `uri` the description that stands in a row."""
    own = set(names.values())
    texts = {name: _text(cell) for name, cell in row.cells.items() if name and name not in own}
    return Photo(
        id=cell_text(row, names, "id") or photo_id(uri),
        uri=uri,
        version=version,
        caption=cell_text(row, names, "caption"),
        tags=_tags(row.cells[names["tags"]]) if names.get("tags") in row.cells else (),
        photographer=cell_text(row, names, "photographer"),
        licence=cell_text(row, names, "licence") or cell_text(row, names, "license"),
        source_url=cell_text(row, names, "source_url"),
        metadata={name: text for name, text in texts.items() if text},
    )


def cell_text(row: Row, names: Mapping[str, str], name: str) -> str:
    """Give the text in a column that we know, or "" where the manifest does not have it."""
    return _text(row.cells.get(names[name], "")) if name in names else ""


def _text(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else ", ".join(cell)


def _tags(cell: Cell) -> tuple[str, ...]:
    if isinstance(cell, str):
        separator = next((mark for mark in ";|" if mark in cell), ",")
        cell = tuple(cell.split(separator))
    return tuple(dict.fromkeys(tag.strip() for tag in cell if tag.strip()))
