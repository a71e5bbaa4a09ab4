"""Rows of a table as photos: which columns are known, and what each says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from photoseek.description_limits import printable
from photoseek.errors import SourceError
from photoseek.records import Photo
from photoseek.sources.encodings import Content
from photoseek.sources.manifest_columns import KNOWN, is_written, own_name, tags_in
from photoseek.sources.parquet import ParquetTable
from photoseek.sources.source import file_id
from photoseek.sources.tables import ADDRESSES, Cell, CsvTable, Row, Table

MANIFEST_EXTENSIONS = (".csv", ".tsv", ".parquet")


def open_table(content: Content, location: str) -> Table:
    """Open a table by its extension.

    Raises:
        SourceError: it cannot be read.
    """
    suffix = PurePosixPath(location).suffix.lower()
    if suffix == ".parquet":
        return ParquetTable(content, location)
    return CsvTable(content, "\t" if suffix == ".tsv" else ",", location)


def known_columns(location: str, table: Table) -> dict[str, str]:
    """Map the columns that we know to their spelling in this manifest.

    Raises:
        SourceError: a name stands twice, or there is neither a path nor a url.
    """
    columns = [name for name in table.columns if name]
    lower = [name.lower() for name in columns]
    twice = sorted({name for name in KNOWN if lower.count(name) > 1})
    if twice:
        raise SourceError(f"{location} has more than one column {twice[0]!r}. Rename one of them.")
    if "path" not in lower and "url" not in lower:
        found = printable(", ".join(columns)[:300])
        raise SourceError(
            f"{location} has the columns {found}. It needs a column path or url, and may have "
            f"{', '.join(name for name in KNOWN if name not in ADDRESSES)}."
        )
    return {known: columns[lower.index(known)] for known in KNOWN if known in lower}


def described(row: Row, names: Mapping[str, str], uri: str, version: str = "") -> Photo:
    """The photo at `uri`, with the description that stands in a row."""
    own = set(names.values())
    texts = {name: _text(cell) for name, cell in row.cells.items() if name and name not in own}
    if is_written(own):
        texts = {own_name(name): text for name, text in texts.items()}
    return Photo(
        id=cell_text(row, names, "id") or file_id(uri),
        uri=uri,
        version=version,
        caption=cell_text(row, names, "caption"),
        tags=_tags(row.cells[names["tags"]]) if names.get("tags") in row.cells else (),
        photographer=cell_text(row, names, "photographer"),
        licence=cell_text(row, names, "licence") or cell_text(row, names, "license"),
        source_url=cell_text(row, names, "source_url"),
        folder=cell_text(row, names, "folder"),
        metadata={name: text for name, text in texts.items() if text},
    )


def cell_text(row: Row, names: Mapping[str, str], name: str) -> str:
    """The text in a column that we know, or "" where the manifest does not have it."""
    return _text(row.cells.get(names[name], "")) if name in names else ""


def _text(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else ", ".join(cell)


def _tags(cell: Cell) -> tuple[str, ...]:
    tags = tags_in(cell.strip()) if isinstance(cell, str) else cell
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
