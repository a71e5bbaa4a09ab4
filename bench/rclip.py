"""rclip as it is installed somewhere, beside which the command line is measured.

Its weights are not ours to download: what is there in its data folder is used, as it is.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Cost, measure
from bench.store import Matrix

QUERY = "a red car at night"

LENGTH = 512
"""How many numbers its vectors have, whatever ours have."""


@dataclass(frozen=True)
class Rclip:
    """Its program, the folder with its weights, and a folder for its indexes."""

    program: Path
    weights: Path
    work: Path

    def ask(self, name: str, photos: Path, *, indexing: bool) -> Cost:
        """A query in a folder of photos, by the index of that name; it indexes them before it."""
        arguments = ["--filepath-only", QUERY] + ([] if indexing else ["--no-indexing"])
        environment = os.environ | {"RCLIP_DATADIR": str(self._data(name)), "HF_HUB_OFFLINE": "1"}
        return measure([str(self.program), *arguments], environment, photos)

    def forget(self, name: str) -> None:
        """Begin with an empty index of that name."""
        shutil.rmtree(self._data(name), ignore_errors=True)

    def fill(self, name: str, photos: Path, vectors: Matrix) -> None:
        """Write vectors of photos into an index, as if it had made them."""
        photos.mkdir()
        self.ask(name, photos, indexing=True)  # which makes the tables
        rows = (
            (str(photos / f"{row}.jpg"), 1.7e9, 123456, vector[:LENGTH].tobytes(), f"{row:040}")
            for row, vector in enumerate(vectors)
        )
        with sqlite3.connect(self._data(name) / "db.sqlite3") as database:
            database.executemany(
                "INSERT INTO images (filepath, modified_at, size, vector, hash) "
                "VALUES (?, ?, ?, ?, ?)",
                rows,
            )

    def _data(self, name: str) -> Path:
        """The data folder with the index of that name, and the weights."""
        folder = self.work / f"rclip-{name}"
        if not folder.is_dir():
            folder.mkdir(parents=True)
            for entry in self.weights.iterdir():
                if not entry.name.startswith("db."):
                    (folder / entry.name).symlink_to(entry.resolve())
        return folder
