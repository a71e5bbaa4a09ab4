"""What each file of a Lance table has in columns of manifests, also as the bytes of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from photoseek.store.own_columns import OwnColumns

FORMAT = 1
"""Raised when something means something else than before: then records are read again."""


class CountedFile(NamedTuple):
    """What rows of a file have in their columns, and how many rows these are."""

    rows: int
    columns: OwnColumns


CountedFiles = dict[int, CountedFile]
"""Such files by their numbers."""


def to_bytes(files: Mapping[int, CountedFile]) -> bytes:
    """Files as JSON."""
    plain = {number: [file.rows, file.columns.to_plain()] for number, file in files.items()}
    return json.dumps({"format": FORMAT, "files": plain}).encode()


def from_bytes(data: bytes) -> CountedFiles:
    """The files of such JSON; none where it is damaged, or of another version of photoseek."""
    try:
        noted = json.loads(data)
        if noted["format"] != FORMAT:
            return {}
        return {
            int(number): CountedFile(int(rows), OwnColumns.from_plain(columns))
            for number, (rows, columns) in noted["files"].items()
        }
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}
