"""`photoseek reindex`: the same photos with another model, without a pause for those who search."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict

import numpy as np
from rich.console import Console
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.output import new_console
from photoseek.cli.present import print_counts, print_skips
from photoseek.cli.progress import photo_bar
from photoseek.cli.runs import fetch_model, suspects_of
from photoseek.errors import (
    DamagedStoreError,
    PhotoseekError,
    SilentStoreError,
    StorageError,
    StoreWriteError,
    UnreadableStoreError,
    WeightsError,
)
from photoseek.helpers.counted import counted
from photoseek.helpers.deadlines import within
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.helpers.told_sizes import gigabytes
from photoseek.identity import same_vectors
from photoseek.indexing.choosing_model import model_of
from photoseek.indexing.new_vectors import PictureEncoder
from photoseek.indexing.reading_plan import MOST_LOOKED_AT, Reading, ReadingPlan
from photoseek.indexing.reindex_pass import ReindexProgress
from photoseek.indexing.reindex_place import check_way_back, drop_other, model_to_go_back_to
from photoseek.indexing.reindexing import reindex
from photoseek.indexing.suspects import REINDEXING
from photoseek.records import ModelIdentity, ReindexReport
from photoseek.settings import Settings
from photoseek.store import no_index, open_store, peek_model

AWAY = (UnreadableStoreError, SilentStoreError, StoreWriteError, DamagedStoreError)
"""What is raised where the disk or bucket of an index fails amid a reindex."""

LOOK_SECONDS = 5.0
"""How long a reindex that broke off looks which model the index has."""

MOST_PLACES = 5
"""Places of photos that are named; of others only their number is told."""

_TRIAL = "a red car at night"


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Make an index again, go back to the one of before, or remove that.

    Returns 1 when the new one could not take over.
    """
    console = new_console(stderr=options.json)
    if peek_model(settings.index, settings) is None:
        raise no_index(settings.index)
    if options.drop_old:
        return _drop(options, settings, console)
    wanted = None
    if options.back:
        wanted = model_to_go_back_to(settings)
        settings = settings.model_copy(update={"model": wanted.name})
    report = _reindexed(options, settings, console, wanted)
    if options.json:
        print(json_line(asdict(report)))
    else:
        _print(report, console)
    return 0 if report.is_switched else 1


def _reindexed(
    options: argparse.Namespace, settings: Settings, console: Console, wanted: ModelIdentity | None
) -> ReindexReport:
    assert settings.model is not None
    fetch_model(settings, console)
    model_of(settings, on_demand=True).encode_texts([_TRIAL])  # it is let go again
    model = model_of(settings, on_demand=True)
    _try(model)
    if wanted is not None:
        check_way_back(settings, wanted, model.identity)
    so_far = _SoFar()
    try:
        total = open_store(settings.index, settings=settings).count()
        with (
            suspects_of(settings, options.attempt, console, REINDEXING) as suspects,
            _bar(total, console, so_far, settings.index) as show,
        ):
            return reindex(
                settings,
                model,
                leave_out=options.leave_out,
                from_thumbnails=options.from_thumbnails,
                on_plan=lambda plan: _print_plan(plan, console),
                on_progress=show,
                suspects=suspects,
            )
    except KeyboardInterrupt:
        _print_kept("Stopped.", so_far, settings, model, console)
        raise
    except (StorageError, *AWAY):
        _print_kept("Broken off.", so_far, settings, model, console)
        raise


def _print_plan(plan: ReadingPlan, console: Console) -> None:
    """Tell what is read, from where and how much, which may take hours or cost something."""
    parts = [_reading(each) for each in plan.readings[:MOST_PLACES]]
    if others := plan.readings[MOST_PLACES:]:
        parts.append(f"{sum(each.photos for each in others):,} from {len(others):,} other places")
    if not parts:
        return
    of = f" (of the first {MOST_LOOKED_AT:,} photos)" if plan.has_more else ""
    line = f"To be read{of}: {', '.join(parts)}."
    console.print(Text(line), soft_wrap=True)


def _reading(reading: Reading) -> str:
    least = "" if reading.are_all_known else " or more"
    size = f" ({gigabytes(reading.bytes)}{least})" if reading.bytes else ""
    return f"{counted(reading.photos, 'photo', 'photos')}{size} from {reading.place}"


def _try(model: PictureEncoder) -> None:
    """Try a model before there is a new index of it, which would be in the way.

    Raises:
        ModelError: it is of no use.
    """
    side = model.input_shape.size
    if not np.isfinite(model.encode_images([np.zeros((side, side, 3), np.uint8)])).all():
        raise WeightsError(
            f"The model {model.identity.name!r} gives no vectors: its weights are damaged, or the "
            "--precision is too small for them."
        )


def _print_kept(
    how: str, so_far: _SoFar, settings: Settings, model: PictureEncoder, console: Console
) -> None:
    """Tell what is kept of a reindex that did not come to its end."""
    place = settings.index
    now: ModelIdentity | None = None
    with suppress(PhotoseekError), within(LOOK_SECONDS):
        now = peek_model(place, settings)
    if now is None:
        text = (
            f"{so_far.kept()}{place} does not answer now. The same command goes on from there, or "
            "says that it was done."
        )
    elif same_vectors(now, model.identity):
        text = f"{place} is of the model '{now.name}' now; gateways follow by themselves."
    else:
        text = f"{so_far.kept()}{place} is as it was. The same command goes on from there."
    console.print(f"{how} {text}", highlight=False, markup=False, soft_wrap=True)


class _SoFar:
    """How far a reindex is when somebody stops it."""

    def __init__(self) -> None:
        self.progress = ReindexProgress()

    def kept(self) -> str:
        """What is kept of it, in a part of a sentence; "" before anything was looked at."""
        done = self.progress
        ready = max(0, done.done - done.waiting)
        photos = counted(done.total, "photo is", "photos are")
        return f"{ready:,} of {photos} ready; " if done.total else ""


@contextmanager
def _bar(
    total: int, console: Console, so_far: _SoFar, index: str
) -> Iterator[Callable[[ReindexProgress], None]]:
    with photo_bar("Encoding", total, console, index=index) as show:

        def move(progress: ReindexProgress) -> None:
            so_far.progress = progress
            there = progress.done - progress.encoded
            show(progress.done, remark=f"{there:,} were there" if there > 0 else "")

        yield move


def _print(report: ReindexReport, console: Console) -> None:
    parts = [f"[bold]{report.encoded:,}[/] encoded"]
    parts += [f"{report.updated:,} updated"] if report.updated else []
    parts += [f"{report.unchanged:,} unchanged"] if report.unchanged else []
    parts += [f"{report.removed:,} removed"] if report.removed else []
    print_counts(parts, report, console)
    print_skips((*report.unreadable, *report.away), console)
    for line, style in _lines(report):
        console.print(Text(line, style=style), soft_wrap=True)


def _lines(report: ReindexReport) -> Iterator[tuple[str, str]]:
    place = quoted(report.location)
    if report.from_thumbnails:
        yield (
            counted(
                report.from_thumbnails,
                "photo was encoded from its thumbnail, which is small: it will be found a little "
                "less well. Its file was not to be had, or is another one by now.",
                "photos were encoded from their thumbnails, which are small: they will be found a "
                "little less well. Their files were not to be had, or are others by now.",
            ),
            "yellow",
        )
    if not report.is_switched:
        yield from ((line, "yellow") for line in _waits(report))
        return
    photos = counted(report.photos, "photo", "photos")
    yield (
        f"{report.location} is of the model '{report.model}' now, with {photos} "
        f"({report.target}). Writers waited for {report.held_seconds:.1f} s; gateways follow by "
        "themselves.",
        "",
    )
    yield f"To return: {command('reindex')} --index {place} --back", ""
    yield (
        f"The index of '{report.model_before}' stays until: {command('reindex')} --index {place} "
        "--drop-old",
        "",
    )


def _waits(report: ReindexReport) -> Iterator[str]:
    """Why the new index does not take over, and how to go on."""
    yield (
        f"{report.location} is as it was, with the model '{report.model_before}'; the new index "
        f"waits at {report.target}, with {counted(report.photos, 'photo', 'photos')}."
    )
    if report.unreadable:
        bring = "Bring that photo" if len(report.unreadable) == 1 else "Bring those photos"
        yield (
            f"{counted(len(report.unreadable), 'photo', 'photos')} can be read nowhere, and "
            f"would be missing. {bring} back and run the same command again, or add --leave-out."
        )
    if report.away:
        yield counted(
            len(report.away),
            "photo cannot be read now, and may be later. The same command tries that one again and "
            "encodes no other; or add --from-thumbnails, and its thumbnail is encoded: it will be "
            "found a little less well.",
            "photos cannot be read now, and may be later. The same command tries those again and "
            "encodes no others; or add --from-thumbnails, and their thumbnails are encoded: they "
            "will be found a little less well.",
        )


def _drop(options: argparse.Namespace, settings: Settings, console: Console) -> int:
    dropped = drop_other(settings)
    name = dropped.model.name if dropped.model else ""
    if options.json:
        about = {"location": settings.index, "dropped": dropped.location, "model": name}
        print(json_line(about))
        return 0
    what = "index of before" if dropped.was_in_use else "unfinished index"
    line = f"The {what} beside {settings.index}, of the model '{name}', is removed."
    console.print(Text(line), soft_wrap=True)
    return 0
