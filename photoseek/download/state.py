"""What a download has done so far: a manifest of what arrived, and a list of what did not.

These two files are all that it remembers. A photo is in the manifest only once its bytes are
stored, so a kill at any moment loses what was on its way and nothing else.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from photoseek.download.append_log import Ledger
from photoseek.download.lists import FAILURE_COLUMNS
from photoseek.download.outcomes import FetchError, is_passing
from photoseek.errors import StorageError
from photoseek.helpers.idset import Seen, key_of
from photoseek.helpers.locks import FileLock
from photoseek.records import Photo, Skip
from photoseek.sources.tables import Row, Table

MANIFEST = "manifest.csv"
FAILURES = "failures.csv"

_DESCRIPTION = ("id", "caption", "tags", "photographer", "licence", "source_url")
MANIFEST_COLUMNS = ("path", "url", *_DESCRIPTION)
_LOCK = ".download.lock"
_STORED = re.compile(r"(?:s3://.*/)?[0-9a-f]{2}/[0-9a-f]{32}\.[a-z0-9]+")
"""A path that a download wrote."""


class Journal:
    """The manifest and the failures in one folder, which one download at a time may write.

    `metadata` names the columns besides those of a manifest. Safe to use from threads.
    Everything raises StorageError where the files cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        metadata: Sequence[str] = (),
        *,
        resume: bool = True,
        forgiven: Collection[str] = (),
    ) -> None:
        """Without `resume`, earlier files are set aside as *.before.csv and nothing is known.

        What failed for a reason that is `forgiven` now is to be tried again.
        """
        self._forgiven = forgiven
        with ExitStack() as opened:
            self._lock = _locked(folder)
            opened.callback(self._lock.release)
            if not resume:
                _set_aside(folder)
            self.manifest = Ledger(folder / MANIFEST, MANIFEST_COLUMNS)
            opened.callback(self.manifest.close)
            columns = ("url", *FAILURE_COLUMNS, *_DESCRIPTION)
            self.failures = Ledger(folder / FAILURES, columns)
            opened.callback(self.failures.close)
            self.manifest.add_columns(metadata)
            self.failures.add_columns(metadata)
            self._dropped = Seen()
            self._remember()
            self._opened = opened.pop_all()

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
        urls, hashes, ids = array("Q"), array("Q"), array("Q")
        for row in self.manifest.rows():
            urls.append(key_of(_text(row, "url")))
            hashes.append(_hash_key(_text(row, "path")))
            ids.append(_id_key(row.cells))
        self._arrived = Seen(urls)
        self._stored = Seen(hashes)
        self._ids = Seen(ids)
        self._id_twice = len(self._ids) < len(ids)
        self._lasting = Seen(
            _failure_key(row)
            for row in self.failures.rows()
            if not is_passing(reason := _text(row, "reason")) and reason not in self._forgiven
        )

    def close(self) -> None:
        """Close the files, and let others write."""
        self._opened.close()

    def has(self, key: int) -> bool:
        """Whether the photo behind the URL of a key has arrived."""
        return key in self._arrived

    def gave_up(self, key: int) -> bool:
        """Whether a URL failed for a reason that lasts. For a row without one, its reason."""
        return key in self._lasting

    def stores(self, name: str) -> bool:
        """Whether a file of this content-addressed name is stored."""
        return _hash_key(name) in self._stored

    def add(self, photo: Photo, path: str) -> None:
        """Write down that a photo arrived and lies at `path`."""
        self._add(_cells(photo) | {"path": path})

    def add_all(self, other: Table) -> None:
        """Add the rows of another manifest whose URL is not here, nor was dropped from here."""
        self.manifest.add_columns(name for name in other.columns if name)
        for row in other.rows():
            texts = {name: str(cell) for name, cell in row.cells.items()}
            key = key_of(texts.get("url", ""))
            if texts.get("url") and not self.has(key) and key not in self._dropped:
                self._add(texts)

    def _add(self, cells: dict[str, str]) -> None:
        self.manifest.append(cells)
        self._stored.add(_hash_key(cells.get("path", "")))
        self._arrived.add(key_of(cells["url"]))
        photo_id = _id_key(cells)
        self._id_twice = self._id_twice or photo_id in self._ids
        self._ids.add(photo_id)

    def forget_missing(self, stored: Callable[[], Iterable[str]]) -> None:
        """Forget what arrived and is not `stored` any more, so that it is fetched again.

        `stored` gives the paths that there are; it is not asked when nothing has arrived yet.
        """
        if not len(self._arrived):
            return
        there = Seen(_hash_key(path) for path in stored() if _STORED.fullmatch(path))
        missing = []
        for row in self.manifest.rows():
            path = _text(row, "path")
            missing.append(bool(_STORED.fullmatch(path)) and _hash_key(path) not in there)
        self._drop(missing)
        self._remember()

    def add_failure(self, photo: Photo | Skip, error: FetchError) -> None:
        """Write down why a photo did not arrive, or why a row names none."""
        cells = _cells(photo) if isinstance(photo, Photo) else {}
        self.failures.append(cells | {"reason": error.reason, "explanation": str(error)})
        if not is_passing(error.reason):
            self._lasting.add(key_of(cells.get("url") or str(error)))

    def tidy(self, listed: Seen) -> None:
        """Leave in the failures those that still are, each once, the last word about it.

        And drop from the manifest the photos whose id now stands in the list, whose URLs are
        `listed`, with another URL: both rows would claim the id.
        """
        if self._id_twice:
            ids, is_listed = array("Q"), array("B")
            for row in self.manifest.rows():
                ids.append(_id_key(row.cells))
                is_listed.append(key_of(_text(row, "url")) in listed)
            old = ~np.array(is_listed, bool)
            self._drop((old & np.isin(ids, np.array(ids)[~old])).tolist())
        keys = np.fromiter(map(_failure_key, self.failures.rows()), np.uint64)
        last = {len(keys) - 1 - i for i in np.unique(keys[::-1], return_index=True)[1].tolist()}
        keep = [n in last and int(key) not in self._arrived for n, key in enumerate(keys)]
        if not all(keep):
            self.failures.keep(lambda n: keep[n])

    def _drop(self, rows: Sequence[bool]) -> None:
        """Drop those rows of the manifest; they are not taken over from elsewhere again."""
        if not any(rows):
            return
        for row, dropped in zip(self.manifest.rows(), rows, strict=True):
            if dropped:
                self._dropped.add(key_of(_text(row, "url")))
        self.manifest.keep(lambda n: not rows[n])


def has_rows(file: BinaryIO) -> bool:
    """Whether there is anything below the header of a file."""
    file.readline()
    return any(line.strip() for line in file)


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
    if not _STORED.fullmatch(path):
        return key_of(path)  # a row that somebody else wrote
    return int(PurePosixPath(path).stem[:16], 16)


def _id_key(cells: Mapping[str, object]) -> int:
    return key_of(str(cells.get("id") or cells.get("url", "")))


def _locked(folder: Path) -> FileLock:
    lock = FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_ours = lock.acquire(wait=False)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}.") from error
    if not is_ours:
        raise StorageError(
            f"Another download writes to {folder}. Wait until it is done, or choose another --to."
        )
    return lock


def _set_aside(folder: Path) -> None:
    for name in (MANIFEST, FAILURES):
        path = folder / name
        try:
            if path.exists():
                with path.open("rb") as file:
                    worth_keeping = has_rows(file)
                if worth_keeping:
                    path.replace(path.with_name(f"{path.stem}.before.csv"))
        except OSError as error:
            raise StorageError(f"{path} cannot be moved: {error.strerror}.") from error
