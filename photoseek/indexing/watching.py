"""Keeping an index up to date with a source that changes, round after round."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import replace

from photoseek.helpers.idset import key_of
from photoseek.indexing.backoff import Unusable, digest_of
from photoseek.indexing.inventory import Inventory
from photoseek.indexing.pruning import Listing, PrunableIndex, Pruned, Vanished, prune
from photoseek.indexing.run import IN_FLIGHT, index_photos
from photoseek.indexing.run_tally import IndexProgress
from photoseek.indexing.suspects import Suspects
from photoseek.records import IndexReport, Keep, Photo, Skip

MANY = 100
"""Vanished photos from which on a share of them is looked at."""

MOST_SHARE = 0.5
"""Of a source's photos: when more of them vanish at once, somebody has to say that it is meant."""


class Watch:
    """Compares a source with an index again and again.

    A photo is removed when two rounds in a row have not met it: a program may be replacing
    it, or writing the manifest, at the very moment of one. A photo without a version (one behind
    a URL) is read in the first round, and later only when its description has changed or when it
    could not be used. A photo that could not be used is tried again in the next round, and while
    it stays as it is after 2, 4, 8 rounds and so on. A report holds what is new: a photo that is
    still left out for the same reason is not mentioned again.
    """

    def __init__(
        self,
        inventory: Inventory,
        *,
        removes: bool = True,
        batch_size: int = 32,
        keep: Keep | None = None,
        suspects: Suspects | None = None,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        """Without `removes` nothing is ever taken out of the index."""
        self._inventory = inventory
        self._removes = removes
        self._batch_size = batch_size
        self._keep = keep
        self._suspects = suspects
        self._in_flight = in_flight
        self._vanished: frozenset[str] = frozenset()
        self._told: frozenset[object] = frozenset()
        self._settled: frozenset[int] = frozenset()
        self._unusable = Unusable()

    def round(
        self,
        source: Iterable[Photo | Skip],
        indexer: PrunableIndex,
        on_progress: Callable[[IndexProgress], None] = lambda _: None,
        *,
        again: bool | Set[str] = False,
        noticed: Callable[[IndexReport], IndexReport] = lambda report: report,
        take_along: Callable[[Iterable[Photo | Skip]], Iterable[Photo | Skip]] | None = None,
    ) -> IndexReport:
        """Bring the index up to date once. `again` is for `index_photos`.

        `noticed` adds to the report what the source noticed. `take_along` adds photos to the
        source's, which are none of its own and never vanish.

        Raises:
            SourceError, StorageError, StoreError, ServiceError: try again with the next round.
        """
        before, self._vanished = self._vanished, frozenset()  # of two rounds without an error
        listing = Listing(source, self._inventory)
        self._unusable.next_round()
        entries = take_along(listing) if take_along else listing
        changing = _Changing(entries, self._settled, self._unusable)
        report = index_photos(
            changing,
            self._unusable.noticing(indexer),
            batch_size=self._batch_size,
            keep=self._keep,
            suspects=self._suspects,
            in_flight=self._in_flight,
            again=again,
            on_progress=on_progress,
        )
        self._settled = changing.settled(report.skipped)
        pruned = self._prune(listing.vanished(), before, indexer) if self._removes else Pruned()
        report = replace(
            report,
            skipped=(*report.skipped, *changing.left_out),
            unchanged=report.unchanged + changing.rested,
            removed=pruned.removed,
            remarks=pruned.remarks,
        )
        return self._news(noticed(report))

    def _prune(self, vanished: Vanished, before: frozenset[str], indexer: PrunableIndex) -> Pruned:
        if vanished.doubt:
            return Pruned(remarks=(vanished.doubt,))
        share = len(vanished.ids) / max(1, len(self._inventory.keys()))
        if len(vanished.ids) >= MANY and share > MOST_SHARE:
            remark = (
                f"Photos that have vanished: {len(vanished.ids):,}, {share:.0%} of the source. "
                "They stay in the index, in case a disk is not mounted. Remove them with --prune."
            )
            return Pruned(remarks=(remark,))
        self._vanished = vanished.ids
        return prune(vanished.ids & before, self._inventory, indexer)

    def _news(self, report: IndexReport) -> IndexReport:
        kinds = tuple(report.not_read.items())
        told, self._told = self._told, frozenset((*report.skipped, *report.remarks, kinds))
        return replace(
            report,
            skipped=tuple(skip for skip in report.skipped if skip not in told),
            remarks=tuple(remark for remark in report.remarks if remark not in told),
            not_read={} if kinds in told else report.not_read,
        )


class _Changing:
    """What goes by, without what need not be looked at in this round.

    That is photos that have no version and were settled as they are, and unusable ones that rest.
    """

    def __init__(
        self, entries: Iterable[Photo | Skip], settled: frozenset[int], unusable: Unusable
    ) -> None:
        self._entries = entries
        self._settled = settled
        self._unusable = unusable
        self._places = array("Q")
        self._contents = array("Q")
        self.rested = 0
        self.left_out: list[Skip] = []

    def __iter__(self) -> Iterator[Photo | Skip]:
        for entry in self._entries:
            if isinstance(entry, Photo) and (skip := self._unusable.resting(entry)):
                self.left_out.append(skip)
                continue
            if isinstance(entry, Photo) and not entry.version:
                content = digest_of(entry)
                self._places.append(key_of(entry.uri))
                self._contents.append(content)
                if content in self._settled:
                    self.rested += 1
                    continue
            yield entry

    def settled(self, skipped: Iterable[Skip]) -> frozenset[int]:
        """The keys of those that were dealt with, and need not be in the next round."""
        failed = {key_of(skip.uri) for skip in skipped}
        pairs = zip(self._places, self._contents, strict=True)
        return frozenset(content for place, content in pairs if place not in failed)
