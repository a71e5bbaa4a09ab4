"""An index made again with another model, beside the one that is in use, which it then replaces.

The one in use is searched and written to meanwhile. What changes there is brought over until little
is left. Then writers are held up for a moment, the rest is brought over, and the location stands
for the new index, in one step. The other one stays, and to go back is the same in its direction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from photoseek.errors import SilentStoreError, StoreError, UnreadableStoreError
from photoseek.helpers.path_rules import is_absolute
from photoseek.identity import same_vectors
from photoseek.indexing.inventory import Inventory, listed_sources
from photoseek.indexing.new_vectors import PictureEncoder, VectorMaker
from photoseek.indexing.picture_source import pictures_of
from photoseek.indexing.reading_plan import ReadingPlan, reading_plan
from photoseek.indexing.reindex_claim import claimed
from photoseek.indexing.reindex_hold import Hold
from photoseek.indexing.reindex_pass import Passes, ReindexProgress
from photoseek.indexing.reindex_place import same_model, target_of
from photoseek.indexing.suspects import REINDEXING, Suspects, open_suspects
from photoseek.records import ReindexReport
from photoseek.settings import IndexSettings, LibrarySettings
from photoseek.store import no_index, open_store, peek_model
from photoseek.store.beside import REINDEXED
from photoseek.store.failures import writing
from photoseek.store.naming import ReindexingEngine
from photoseek.store.run_state import run_state
from photoseek.store.switching import reindexing_engine

FEW = 4
"""Changes in one pass: with no more, writers are held up for what came since."""

BEARABLE = 256
"""As many are enough where the pass before had hardly more, so that others write as fast."""

MOST_PASSES = 10

_READERS = 16


def reindex(
    settings: LibrarySettings,
    model: PictureEncoder,
    *,
    leave_out: bool = False,
    from_thumbnails: bool = False,
    on_plan: Callable[[ReadingPlan], None] | None = None,
    on_progress: Callable[[ReindexProgress], None] = lambda _: None,
    suspects: Suspects | None = None,
) -> ReindexReport:
    """Make the index of the settings again with a model, and let it take its place.

    What an earlier run has done counts. Where photos cannot be encoded, it does not take its place,
    unless they are to be left out. Neither does it where some cannot be read now and may be later,
    unless they are to be encoded `from_thumbnails`. `on_plan` hears first what is read from where;
    it is looked for only where somebody hears it. `suspects` are by default those of the index.

    Raises:
        StoreError: it has that model already, an index of a third model is there, another reindex
            is at work, or there is no room.
    """
    location = settings.index
    engine, found = reindexing_engine(location, settings), peek_model(location, settings)
    if found is None:
        raise no_index(location)
    if same_vectors(found, model.identity):
        raise same_model(location, found, model.identity.name)
    place = run_state(location, settings.state)
    with claimed(location, place, settings) as claim, _suspects(settings, suspects) as known:
        target = target_of(engine, settings, model.identity)
        rough = Inventory(place, location, f"{REINDEXED}/rough")
        hold = Hold(engine, location, claim)
        hold.end()  # that of a run that was killed at its last step

        def move(progress: ReindexProgress) -> None:
            hold.renew()
            on_progress(progress)

        with _passes(settings, engine, target, model, rough, known, hold, move) as passes:
            begun = time.perf_counter()
            allowed = _Allowed(leave_out, from_thumbnails)
            try:
                if on_plan is not None:
                    on_plan(reading_plan(passes.source, passes.target))
                report = _brought(settings, engine, passes, hold, allowed)
            except (SilentStoreError, UnreadableStoreError):
                raise  # nor would the claim be had
            except StoreError:
                hold.check()  # the other one that goes on may have shut this one out
                raise
            noted = {listed.id for listed in rough.listed()}
            if report.is_switched and noted:
                with writing(location):
                    rough.remove(noted)
            seconds = time.perf_counter() - begun
            return replace(report, from_thumbnails=len(noted), seconds=seconds)


@contextmanager
def _passes(
    settings: LibrarySettings,
    engine: ReindexingEngine,
    target: str,
    model: PictureEncoder,
    rough: Inventory,
    suspects: Suspects,
    hold: Hold,
    on_progress: Callable[[ReindexProgress], None],
) -> Iterator[Passes]:
    source = open_store(engine.generations(settings.index).current, settings=settings)
    folders = sorted(filter(is_absolute, listed_sources(run_state(settings.index, settings.state))))
    with (
        pictures_of(settings, settings.local_roots, folders) as pictures,
        reading_threads() as pool,
    ):
        maker = VectorMaker(source, pictures, model, pool, suspects)
        new = open_store(target, settings=settings)
        yield Passes(source, new, maker, rough, on_progress, hold.renew)


@contextmanager
def reading_threads() -> Iterator[ThreadPoolExecutor]:
    """Threads that read photos. Who breaks off does not wait for them: a silent bucket takes
    minutes.
    """
    pool = ThreadPoolExecutor(_READERS, "reindex")
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def _suspects(settings: IndexSettings, given: Suspects | None) -> Iterator[Suspects]:
    """Those photos of the index that a process may have died of which encoded them again."""
    found = given or open_suspects(settings.index, settings.state, work=REINDEXING)
    with ExitStack() as stack:
        if given is None:
            stack.callback(found.close)
        found.begin()
        yield found
        found.end()


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What the new index may take over without."""

    leave_out: bool
    from_thumbnails: bool

    def may_switch(self, passes: Passes) -> bool:
        """Whether nothing stands against it."""
        return not passes.away and (self.leave_out or not passes.unreadable)


def _brought(
    settings: LibrarySettings,
    engine: ReindexingEngine,
    passes: Passes,
    hold: Hold,
    allowed: _Allowed,
) -> ReindexReport:
    """Bring everything over and switch, where nothing stands against that."""
    location = settings.index
    source, new = passes.source, passes.target
    if new.keyword_fields != source.keyword_fields:
        new.use_keyword_fields(source.keyword_fields)
    mark = source.marks.now()
    before = passes.run()
    new.maintain()  # which may take minutes, in which others write
    for _ in range(MOST_PASSES):
        since, version, mark = mark, source.version(), source.marks.now()
        changes = passes.run(since)
        if changes <= FEW or before / 2 < changes <= BEARABLE:
            break
        before = changes
    passes.try_away(from_thumbnails=allowed.from_thumbnails)
    is_switched = False
    if allowed.may_switch(passes):
        with hold:
            was = mark, version
            is_switched = _switched(settings, engine, passes, hold, was, allowed)
    counts = passes.counts
    return ReindexReport(
        location=location,
        target=passes.target.location,
        model=passes.target.model.name,
        before=source.location,
        model_before=source.model.name,
        encoded=counts.encoded,
        updated=counts.updated,
        unchanged=passes.unchanged,
        removed=counts.removed,
        unreadable=tuple(skip for _, skip in passes.unreadable.values()),
        away=tuple(skip for _, skip in passes.away.values()),
        photos=passes.target.count(),
        is_switched=is_switched,
        held_seconds=hold.seconds,
    )


def _switched(
    settings: LibrarySettings,
    engine: ReindexingEngine,
    passes: Passes,
    hold: Hold,
    was: tuple[str, str],
    allowed: _Allowed,
) -> bool:
    """Bring the rest over and switch; again where writers went on meanwhile.

    `was` are a mark and a version of the source from before the last pass.
    """
    location, source, (mark, version) = settings.index, passes.source, was
    for _ in range(MOST_PASSES):
        if not hold.is_kept():
            # Who went on may have shut out whoever has the new index open.
            target = engine.fence(location, passes.target.location)
            passes.target, version = open_store(target, settings=settings), ""
        try:
            source.catch_up()
            if not version or version != source.version():
                passes.run(mark)
        except StoreError:
            if hold.is_kept():
                raise
            hold.was_lifted()
            continue
        if not hold.is_kept():
            hold.was_lifted()
            continue
        if not allowed.may_switch(passes):
            return False
        if engine.switch_held(location, passes.target.location, hold.until):
            hold.check()  # another one may have switched to it
            return True
        hold.was_lifted()
    raise _writers_go_on(location)


def _writers_go_on(location: str) -> StoreError:
    return StoreError(
        f"Others write to {location} though they were to wait for its new index, so that it is as "
        "it was. Their clocks differ from the one here by a minute or more: set them, and run the "
        "same command again."
    )
