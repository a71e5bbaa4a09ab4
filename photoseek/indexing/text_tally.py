"""What a run that reads the text in pictures has come to."""

from __future__ import annotations

import time
from dataclasses import dataclass

from photoseek.helpers.counted import counted
from photoseek.helpers.idset import Seen, key_of
from photoseek.records import PictureText, ReadText, Skip, TextReport


@dataclass(frozen=True, slots=True)
class TextProgress:
    """How many photos a run has dealt with, and how many of them it has read itself."""

    done: int = 0
    read: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class TextOfPhoto:
    """What was read in a picture, and why it was its thumbnail, or ""."""

    text: PictureText
    why_rough: str = ""


class TextTally:
    """Counts what became of each photo, once, also where another index takes the place of the one
    that is gone through: then that one is, from its first photo on.
    """

    def __init__(self) -> None:
        self.waiting: dict[str, ReadText] = {}
        """What was read and is not stored yet, by the ids of photos."""
        self._start = time.monotonic()
        self._read = Seen()
        self._with_text = self._rough = self._known = 0
        self._why_rough = ""
        self._skipped: list[Skip] = []

    @property
    def tried(self) -> int:
        """Photos that were read, and that could not be."""
        return len(self._read) + len(self._skipped)

    def begin(self) -> None:
        """Begin to go through an index. What was skipped in another one is tried again."""
        self._known = 0
        self._skipped = []

    def knew(self, photo_id: str) -> None:
        """Count a photo that was read before: by an earlier run, or by this one."""
        self._known += key_of(photo_id) not in self._read

    def read(self, photo_id: str, content_hash: str, result: TextOfPhoto) -> None:
        """Count a photo that was read, and have what was read wait."""
        self.waiting[photo_id] = ReadText(content_hash, result.text)
        if (key := key_of(photo_id)) in self._read:
            return
        self._read.add(key)
        self._with_text += bool(result.text.lines)
        self._rough += bool(result.why_rough)
        self._why_rough = self._why_rough or result.why_rough

    def skip(self, skip: Skip) -> None:
        """Count a photo that cannot be read."""
        self._skipped.append(skip)

    def progress(self) -> TextProgress:
        """How far the run is."""
        return TextProgress(self._known + self.tried, len(self._read), len(self._skipped))

    def report(self) -> TextReport:
        """What was done."""
        remarks: tuple[str, ...] = ()
        if self._rough:
            photos = counted(
                self._rough,
                "photo was read from its thumbnail",
                "photos were read from their thumbnails",
            )
            remarks = (
                f"{photos}, as the files themselves could not be had. Thumbnails show large "
                f"letters only. The first reason: {self._why_rough} Run it with --again when the "
                "files are there.",
            )
        return TextReport(
            read=len(self._read),
            with_text=self._with_text,
            unchanged=self._known,
            rough=self._rough,
            skipped=tuple(self._skipped),
            seconds=time.monotonic() - self._start,
            remarks=remarks,
        )
