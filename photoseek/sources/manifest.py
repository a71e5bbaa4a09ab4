"""A table that lists photos: their paths or URLs, and what is known about each."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from photoseek.errors import SourceError
from photoseek.records import Photo, Skip
from photoseek.sources.base import file_version, is_utf8, photo_id, printable
from photoseek.sources.tables import Cell, CsvTable, ParquetTable, Row, Table

MANIFEST_EXTENSIONS = (".csv", ".tsv", ".parquet")

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
    are given, the path is taken if there is a file. It may have `id`, `caption`, `tags`,
    `photographer`, `licence` (or `license`) and `source_url`; the case of these names is
    ignored. Every other column that is not empty goes to the metadata of its photo.

    Tags are separated by ";", or by "|" where there is no ";", or by "," where there is neither.
    Of rows with the same id the first counts. A photo behind a URL has no version, since only
    fetching tells whether it has changed.
    """

    location: str
    _table: Table
    _names: dict[str, str]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a manifest. Raises SourceError: no table, wrong columns, or no rows."""
        suffix = path.suffix.lower()
        table: Table
        if suffix == ".parquet":
            table = ParquetTable(path)
        else:
            table = CsvTable(path, "\t" if suffix == ".tsv" else ",")
        source = cls(str(path), table, _names(path, table))
        if next(table.rows(), None) is None:
            raise SourceError(f"{path} names its columns and lists no photos below them.")
        return source

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield a Photo or a Skip for each row. Remembers 8 bytes of each id."""
        first_rows: dict[int, int] = {}
        for row in self._table.rows():
            found = self._photo(row)
            if isinstance(found, Photo):
                digest = hashlib.blake2b(found.id.encode(), digest_size=8).digest()
                first = first_rows.setdefault(int.from_bytes(digest), row.number)
                if first != row.number:
                    found = self._skip(row, f"the id {found.id} was used in {self._at(first)}")
            yield found

    def count(self) -> int:
        """Count the rows."""
        return self._table.count()

    def _photo(self, row: Row) -> Photo | Skip:
        if row.problem:
            return self._skip(row, row.problem)
        known = {name: _text(row.cells.get(column, "")) for name, column in self._names.items()}
        uri, version = self._place(known.get("path", ""), known.get("url", ""))
        if not uri:
            return self._skip(row, version)
        own = set(self._names.values())
        texts = {name: _text(cell) for name, cell in row.cells.items() if name and name not in own}
        return Photo(
            id=known.get("id") or photo_id(uri),
            uri=uri,
            version=version,
            caption=known.get("caption", ""),
            tags=_tags(row.cells.get(self._names.get("tags", ""), "")),
            photographer=known.get("photographer", ""),
            licence=known.get("licence") or known.get("license", ""),
            source_url=known.get("source_url", ""),
            metadata={name: text for name, text in texts.items() if text},
        )

    def _place(self, path: str, url: str) -> tuple[str, str]:
        """Give the uri and version of a row, or "" and the reason why it has none."""
        problem = "row has neither a path nor a url"
        if path:
            try:
                # Strings, because a million rows would spend a minute on making Paths.
                folder = "" if path.startswith("/") else self.location.rpartition("/")[0] + "/"
                full = os.path.realpath(folder + path)
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
                if urlsplit(url).scheme.lower() in ("http", "https") and urlsplit(url).hostname:
                    return url, ""
                problem = f"{url[:200]} is no http(s) URL; put paths into the column path"
            except ValueError as error:
                problem = f"{url[:200]} is no URL ({error})"
        return "", problem

    def _skip(self, row: Row, reason: str) -> Skip:
        return Skip(f"{self.location}:{row.number}", f"{self._at(row.number)}: {reason}.")

    def _at(self, number: int) -> str:
        return f"{self._table.row_name} {number}"


def _names(path: Path, table: Table) -> dict[str, str]:
    """Map the columns that we know to their spelling in this manifest."""
    columns = [name for name in table.columns if name]
    lower = [name.lower() for name in columns]
    twice = sorted({name for name in lower if lower.count(name) > 1})
    if twice:
        raise SourceError(f"{path} has more than one column {twice[0]!r}. Rename one of them.")
    if "path" not in lower and "url" not in lower:
        found = printable(", ".join(columns)[:300])
        raise SourceError(
            f"{path} has the columns {found}. It needs a column path or url, and may have "
            f"{', '.join(_KNOWN[2:])}."
        )
    return {known: columns[lower.index(known)] for known in _KNOWN if known in lower}


def _text(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else ", ".join(cell)


def _tags(cell: Cell) -> tuple[str, ...]:
    if isinstance(cell, str):
        separator = next((mark for mark in ";|" if mark in cell), ",")
        cell = tuple(cell.split(separator))
    return tuple(dict.fromkeys(tag.strip() for tag in cell if tag.strip()))
