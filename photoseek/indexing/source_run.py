"""One run over a source: bring an index up to date with it, and note what it lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from photoseek.errors import EmptySourceError, ServiceError, SourceError
from photoseek.indexing.inventory import Inventory, open_inventory
from photoseek.indexing.keywords import HasKeywords, begin_keywords, keyword_remarks
from photoseek.indexing.pruning import Listing, PrunableIndex, Pruned, prune
from photoseek.indexing.run import index_photos
from photoseek.indexing.run_tally import IndexProgress
from photoseek.indexing.suspects import Suspects, open_suspects
from photoseek.indexing.uploads import Describes, HandedIn
from photoseek.records import IndexReport, Keep, Photo, Skip
from photoseek.settings import IndexSettings, RunSettings
from photoseek.sources import Source, open_source
from photoseek.store import is_folder, same_index

T = TypeVar("T", bound=IndexSettings)


def settings_of_index(location: str, settings: T, *, is_local: bool = False) -> T:
    """Settings with the index that a gateway serves, to note beside it what is listed.

    A local gateway is on this machine: where it serves the index of `settings`, that is here, and
    nothing of it has to be there yet.

    Raises:
        ServiceError: that index is in a folder of another machine.
    """
    is_here = is_local and same_index(location, settings.index)
    is_away = not is_here and is_folder(location) and not Path(location).parent.is_dir()
    if is_away and not settings.state:
        raise ServiceError(
            f"The gateway keeps its index in {location}, which is not on this machine. Index where "
            "that folder is, or keep the index in S3."
        )
    return settings.model_copy(update={"index": location})


class IndexOfSources(PrunableIndex, Describes, HasKeywords, Protocol):
    """An index that sources are brought into: `photoseek.PhotoSearch`, `photoseek.Client`."""


def index_source(
    source: str | Source,
    index: IndexOfSources,
    settings: RunSettings,
    *,
    limit: int | None = None,
    keep: Keep | None = None,
    again: bool | Set[str] = False,
    refresh: bool = False,
    prunes: bool = False,
    originals_travel: bool = True,
    suspects: Suspects | None = None,
    on_progress: Callable[[IndexProgress], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> IndexReport:
    """Bring an index up to date with a source; what was handed in to the index is taken along.

    `settings` say where the index is, beside which is noted what the source lists. With `prunes`,
    what the source has listed once and lists no more is taken out. The rest is as in
    `index_photos`.

    Raises:
        SettingsError: PHOTOSEEK_KEYWORD_FIELDS names a field without words.
        SourceError: the source cannot be used at all; or it is to be pruned, and either does not
            list everything that it has or is not looked at as a whole.
        StorageError, StoreError, ServiceError: the whole run cannot go on.
    """
    keep = keep or settings.keep
    handed_in = HandedIn.of(settings)
    try:
        opened = _opened(source, settings, limit, prunes=prunes)
    except EmptySourceError:
        if handed_in and handed_in.exist():
            index_photos(handed_in.join((), index, keep=keep, again=again), index)
        raise
    inventory = open_inventory(settings.index, opened.location, settings.state)
    listing = Listing(islice(opened, limit), inventory)
    wanted: Iterable[Photo | Skip] = listing
    if handed_in:
        wanted = handed_in.join(listing, index, keep=keep, again=again, refresh=refresh)
    changed = begin_keywords(index, settings)
    with _suspects_of(settings, suspects) as known_suspects:
        report = index_photos(
            wanted,
            index,
            batch_size=settings.batch_size,
            keep=keep,
            in_flight=settings.batches_in_flight,
            originals_travel=originals_travel,
            again=again,
            refresh=refresh,
            suspects=known_suspects,
            on_progress=on_progress,
            is_stopped=is_stopped,
        )
    report = opened.notes.told_in(report)
    told = keyword_remarks(index, settings, changed)
    report = replace(report, remarks=(*report.remarks, *told))
    if handed_in:
        report = replace(report, unchanged=report.unchanged + handed_in.present)
    return _pruned(report, listing, inventory, index) if prunes else report


def _opened(
    source: str | Source, settings: RunSettings, limit: int | None, *, prunes: bool
) -> Source:
    if prunes and limit is not None:
        raise SourceError("Pruning must see the whole source. Leave out the limit, or pruning.")
    opened = open_source(source, settings) if isinstance(source, str) else source
    if prunes and not opened.lists_everything:
        raise SourceError(
            f"{opened.location} does not list everything that it has: what it no longer lists has "
            "not vanished. Do not prune it."
        )
    return opened


@contextmanager
def _suspects_of(settings: RunSettings, given: Suspects | None) -> Iterator[Suspects]:
    """Those that are given, or those of the index, which are closed afterwards."""
    if given is not None:
        yield given
        return
    with closing(open_suspects(settings.index, settings.state)) as own:
        yield own


def _pruned(
    report: IndexReport, listing: Listing, inventory: Inventory, index: PrunableIndex
) -> IndexReport:
    """A report with what was taken out because the source lists it no more."""
    vanished = listing.vanished()
    pruned = prune(vanished.ids, inventory, index)
    if vanished.doubt:
        pruned = Pruned(remarks=(vanished.doubt,))
    return replace(report, removed=pruned.removed, remarks=(*report.remarks, *pruned.remarks))
