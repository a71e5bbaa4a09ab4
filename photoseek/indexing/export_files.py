"""The files that an index is exported to, written row by row and there whole or not at all."""

from __future__ import annotations

import csv
import io
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np
from typing_extensions import override

from photoseek.errors import StorageError
from photoseek.files.atomic import replacing
from photoseek.records import Photo, Vector
from photoseek.sources.manifest_columns import WRITTEN, cells_of, guarded, own_column, tags_cell

STANDARD_OUTPUT = "-"


class ExportFile(ABC):
    """A table that takes photos, some at a time, with their vectors where these are wanted."""

    def __init__(self, own: Sequence[str]) -> None:
        """`own` are the names of the users' columns that it has."""
        self.columns = (*WRITTEN, *map(own_column, own))

    @abstractmethod
    def write(self, photos: Sequence[Photo], vectors: Sequence[Vector]) -> None:
        """Write rows; no `vectors` where none are wanted."""


@contextmanager
def export_file(place: str, own: Sequence[str], dimensions: int) -> Iterator[ExportFile]:
    """A table at a place, "-" for standard output, with vectors where `dimensions` are not 0.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        with ExitStack() as files:
            if place == STANDARD_OUTPUT:
                yield CsvFile(sys.stdout, own)
                sys.stdout.flush()
                return
            path = Path(place)
            part = files.enter_context(replacing(path))
            if path.suffix.lower() == ".parquet":
                yield files.enter_context(_parquet(part, own, dimensions))
                return
            beside = None
            if dimensions:
                vectors = files.enter_context(replacing(vectors_beside(path)))
                beside = files.enter_context(_vector_file(vectors, dimensions))
            text = files.enter_context(part.open("w", encoding="utf-8-sig", newline=""))
            yield CsvFile(text, own, beside)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        reason = error.strerror or str(error)
        raise StorageError(f"{place} cannot be written: {reason}.") from error


def vectors_beside(path: Path) -> Path:
    """Where the vectors of a text file go, in the order of its rows."""
    return path.with_suffix(".npy")


class CsvFile(ExportFile):
    """A text file; the mark at the start of a file tells spreadsheets that it is UTF-8."""

    def __init__(
        self, file: TextIO, own: Sequence[str], vectors: _VectorFile | None = None
    ) -> None:
        super().__init__(own)
        self._file = file
        self._vectors = vectors
        self._put([self.columns])

    @override
    def write(self, photos: Sequence[Photo], vectors: Sequence[Vector]) -> None:
        rows = []
        for photo in photos:
            cells = {**cells_of(photo), "tags": tags_cell(photo.tags)}
            rows.append([cells.get(name, "") for name in self.columns])
        self._put(rows)
        if self._vectors is not None:
            self._vectors.write(vectors)

    def _put(self, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(map(guarded, row) for row in rows)
        self._file.write(text.getvalue())


class ParquetFile(ExportFile):
    """A Parquet file: tags are lists, what is unknown is null, and vectors are a column."""

    def __init__(self, path: Path, own: Sequence[str], dimensions: int) -> None:
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

        super().__init__(own)
        fields = [
            pa.field(name, pa.list_(pa.string()) if name == "tags" else pa.string())
            for name in self.columns
        ]
        if dimensions:
            fields.append(pa.field("vector", pa.list_(pa.float32(), dimensions)))
        self._schema = pa.schema(fields)
        self.writer = ParquetWriter(path, self._schema, compression="zstd")

    @override
    def write(self, photos: Sequence[Photo], vectors: Sequence[Vector]) -> None:
        import pyarrow as pa

        rows = [{**cells_of(photo), "tags": list(photo.tags)} for photo in photos]
        columns: list[Any] = [
            pa.array([row.get(name) or None for row in rows], self._schema.field(name).type)
            for name in self.columns
        ]
        if len(self._schema) > len(columns):
            flat = np.concatenate(vectors).astype(np.float32, copy=False)
            kind = self._schema.field("vector").type
            columns.append(pa.FixedSizeListArray.from_arrays(pa.array(flat), kind.list_size))
        self.writer.write_table(pa.table(columns, schema=self._schema))


@contextmanager
def _parquet(path: Path, own: Sequence[str], dimensions: int) -> Iterator[ParquetFile]:
    file = ParquetFile(path, own, dimensions)
    with file.writer:
        yield file


class _VectorFile:
    """A NumPy file of float32, shape (rows, dimensions), whose rows are counted as they come."""

    def __init__(self, file: BinaryIO, dimensions: int) -> None:
        self._file = file
        self._dimensions = dimensions
        self._rows = 0
        self._head()

    def write(self, vectors: Sequence[Vector]) -> None:
        """Write rows."""
        self._rows += len(vectors)
        for vector in vectors:
            self._file.write(np.ascontiguousarray(vector, "<f4").tobytes())

    def finish(self) -> None:
        """Say at the start how many rows there are; NumPy leaves room for that."""
        self._file.seek(0)
        self._head()

    def _head(self) -> None:
        form = {"descr": "<f4", "fortran_order": False, "shape": (self._rows, self._dimensions)}
        np.lib.format.write_array_header_1_0(self._file, form)


@contextmanager
def _vector_file(path: Path, dimensions: int) -> Iterator[_VectorFile]:
    with path.open("wb") as file:
        vectors = _VectorFile(file, dimensions)
        yield vectors
        vectors.finish()
