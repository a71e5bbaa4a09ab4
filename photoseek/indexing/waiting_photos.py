"""Photos that wait to be sent to an index together."""

from __future__ import annotations

from dataclasses import dataclass, field

from photoseek.records import Keep, Photo

Batch = tuple[list[Photo], list[str], list[Keep]]


@dataclass(slots=True)
class Waiting:
    """Photos that are to be sent together, with their stored hashes and what to keep of them."""

    photos: list[Photo] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    keeps: list[Keep] = field(default_factory=list)

    def add(self, photo: Photo, known_hash: str, keep: Keep) -> None:
        """Let one more wait."""
        self.photos.append(photo)
        self.hashes.append(known_hash)
        self.keeps.append(keep)

    def taken(self) -> Batch:
        """All of them; none waits afterwards."""
        taken = self.photos, self.hashes, self.keeps
        self.photos, self.hashes, self.keeps = [], [], []
        return taken
