"""What a download has done so far: a manifest of what arrived, and a list of what did not.

These two files are all that it remembers. A photo is in the manifest only once its bytes are
stored, so a kill at any moment loses what was on its way and nothing else.
"""

from __future__ import annotations

import fcntl
import os
from array import array
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

import numpy as np

from photoseek.download.failing import FetchError, is_passing
from photoseek.download.ledger import Ledger
from photoseek.download.lists import FAILURE_COLUMNS
from photoseek.download.seen import Seen, key_of
from photoseek.errors import PhotoseekError, StorageError
from photoseek.records import Photo, Skip
from photoseek.sources.tables import Row, Table

MANIFEST = "manifest.csv"
FAILURES = "failures.csv"

_DESCRIPTION = ("id", "caption", "tags", "photographer", "licence", "source_url")
_LOCK = ".download.lock"


class Journal:
    """The manifest and the failures in one folder, which one download at a time may write.

    `metadata` names the columns besides those of a manifest. Safe to use from threads.
    Everything raises StorageError where the files cannot be used.
    """

    def __init__(self, folder: Path, metadata: Sequence[str] = (), *, resume: bool = True) -> None:
        """Without `resume`, earlier files are set aside as *.before.csv and nothing is known."""
        self._lock = _locked(folder)
        try:
            if not resume:
                _set_aside(folder)
            self.manifest = Ledger(folder / MANIFEST, ("path", "url", *_DESCRIPTION))
            columns = ("url", *FAILURE_COLUMNS, *_DESCRIPTION)
            self.failures = Ledger(folder / FAILURES, columns)
            self.manifest.add_columns(metadata)
            self.failures.add_columns(metadata)
            self._remember()
        except PhotoseekError:
            os.close(self._lock)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _remember(self) -> None:
        urls, hashes = array("Q"), array("Q")
        for row in self.manifest.rows():
            urls.append(key_of(_text(row, "url")))
            hashes.append(_hash_key(_text(row, "path")))
        self._arrived = Seen(urls)
        self._stored = Seen(hashes)
        self._lasting = Seen(
            _failure_key(row)
            for row in self.failures.rows()
            if not is_passing(_text(row, "reason"))
        )

    def close(self) -> None:
        """Close the files, and let others write."""
        self.manifest.close()
        self.failures.close()
        os.close(self._lock)

    def has(self, key: int) -> bool:
        """Tell whether the photo behind the URL of a key has arrived."""
        return key in self._arrived

    def gave_up(self, key: int) -> bool:
        """Tell whether a URL failed for a reason that lasts. For a row without one, its reason."""
        return key in self._lasting

    def stores(self, name: str) -> bool:
        """Tell whether a file of this content-addressed name is stored."""
        return _hash_key(name) in self._stored

    def add(self, photo: Photo, path: str) -> None:
        """Write down that a photo arrived and lies at `path`."""
        self.manifest.append(_cells(photo) | {"path": path})
        self._stored.add(_hash_key(path))
        self._arrived.add(key_of(photo.uri))

    def add_all(self, other: Table) -> None:
        """Add the rows of another manifest whose URL is not here."""
        self.manifest.add_columns(name for name in other.columns if name)
        for row in other.rows():
            texts = {name: str(cell) for name, cell in row.cells.items()}
            url = texts.get("url", "")
            if url and not self.has(key_of(url)):
                self.manifest.append(texts)
                self._stored.add(_hash_key(texts.get("path", "")))
                self._arrived.add(key_of(url))

    def add_failure(self, photo: Photo | Skip, error: FetchError) -> None:
        """Write down why a photo did not arrive, or why a row names none."""
        cells = _cells(photo) if isinstance(photo, Photo) else {}
        self.failures.append(cells | {"reason": error.reason, "explanation": str(error)})
        if not is_passing(error.reason):
            self._lasting.add(key_of(cells.get("url") or str(error)))

    def tidy(self) -> None:
        """Leave in the failures those that still are, each once, the last word about it."""
        keys = np.fromiter(map(_failure_key, self.failures.rows()), np.uint64)
        last = {len(keys) - 1 - i for i in np.unique(keys[::-1], return_index=True)[1].tolist()}
        keep = [n in last and int(key) not in self._arrived for n, key in enumerate(keys)]
        if not all(keep):
            self.failures.keep(lambda n: keep[n])


def _cells(photo: Photo) -> dict[str, str]:
    return {
        **photo.metadata,
        "url": photo.uri,
        "id": photo.id,
        "caption": photo.caption,
        "tags": _joined(photo.tags),
        "photographer": photo.photographer,
        "licence": photo.licence,
        "source_url": photo.source_url,
    }


def _joined(tags: Sequence[str]) -> str:
    """Write tags so that they are read as they are: one with a comma would fall in two."""
    text = ";".join(tag.replace(";", ",") for tag in tags)
    return f"{text};" if text and ";" not in text and ("," in text or "|" in text) else text


def _text(row: Row, column: str) -> str:
    cell = row.cells.get(column, "")
    return cell if isinstance(cell, str) else ""


def _failure_key(row: Row) -> int:
    return key_of(_text(row, "url") or _text(row, "explanation"))


def _hash_key(path: str) -> int:
    """The first 64 bits of the content hash that a file is named by."""
    stem = PurePosixPath(path).stem[:16]
    try:
        return int(stem, 16)
    except ValueError:
        return key_of(path)  # a row that somebody else wrote


def _locked(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StorageError(
            f"Another download writes to {folder}. Wait until it is done, or choose another --to."
        ) from error
    return descriptor


def _set_aside(folder: Path) -> None:
    for name in (MANIFEST, FAILURES):
        path = folder / name
        try:
            if path.exists():
                path.replace(path.with_name(f"{path.stem}.before.csv"))
        except OSError as error:
            raise StorageError(f"{path} cannot be moved: {error.strerror}.") from error
