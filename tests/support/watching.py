"""Rounds of a watch over a source that changes, and what became of its photos."""

from __future__ import annotations

from pathlib import Path

from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.pruning import Listing, Pruned, prune
from photoseek.indexing.run import index_photos
from photoseek.indexing.watching import Watch
from photoseek.records import IndexReport
from photoseek.sources import open_source
from tests.support.indexers import MemorySearch
from tests.support.pictures import drawing, saved

JPEG = saved(drawing(), "JPEG")
OTHER = saved(drawing(64, 96), "JPEG")


class Rounds:
    """A watch on one source; `restart` forgets all that a process would forget."""

    def __init__(self, indexer: MemorySearch, index: str, source: Path | str) -> None:
        self.source = str(source)
        self.indexer = indexer
        self._index = index
        self.restart()

    def restart(self) -> None:
        location = open_source(self.source).location
        self._watch = Watch(open_inventory(self._index, location))

    def __call__(self, times: int = 1) -> IndexReport:
        for _ in range(times):
            report = self._watch.round(open_source(self.source), self.indexer)
        return report


def names(indexer: MemorySearch) -> set[str]:
    return {Path(uri).name for uri in indexer.uris}


def quiet(report: IndexReport) -> bool:
    changes = report.indexed or report.updated or report.removed
    return not (changes or report.skipped or report.remarks)


def pruned(source: Path, indexer: MemorySearch, index: str) -> Pruned:
    opened = open_source(str(source))
    inventory = open_inventory(index, opened.location)
    listing = Listing(opened, inventory)
    index_photos(listing, indexer)
    vanished = listing.vanished()
    assert not vanished.doubt
    return prune(vanished.ids, inventory, indexer)
