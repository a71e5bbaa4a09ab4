"""`-t index`: bring the index up to date with a source."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from itertools import islice

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from photoseek.cli.connection import connect, local_gateway, with_index_of
from photoseek.cli.output import new_console
from photoseek.cli.present import print_report
from photoseek.client import Client
from photoseek.errors import CrashingPhotoError, EmptySourceError, PartDownError, SourceError
from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.pruning import Listing, Pruned, prune
from photoseek.indexing.run import IndexProgress, index_photos
from photoseek.indexing.suspects import Suspects, open_suspects
from photoseek.indexing.uploads import HandedIn
from photoseek.records import IndexReport
from photoseek.settings import Settings
from photoseek.sources import Source, open_source

MOST_DEATHS = 2
"""Encoders of our own that die one after the other without a photo being found out."""


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Index a source. Returns 1 when not a single photo could be used."""
    if options.watch:
        from photoseek.cli.watch import watch

        watch(options, settings)
    console = new_console(stderr=options.json)
    try:
        source = open_source(settings.source, settings)
    except EmptySourceError:
        take_along(settings, console)
        raise
    if options.prune and not source.lists_everything:
        raise SourceError(
            f"{settings.source} does not list everything that it has: what it no longer lists has "
            "not vanished. Leave --prune out."
        )
    report = _indexed(source, options, settings, console)
    if options.json:
        print(json.dumps(asdict(report), ensure_ascii=False))
    else:
        print_report(report, console)
    return 0 if report.indexed or report.updated or report.unchanged or report.deleted else 1


def take_along(settings: Settings, console: Console) -> None:
    """Index what was handed in, if anything was, for the want of a source with photos."""
    handed_in = HandedIn.of(settings)
    if handed_in and handed_in.exist():
        with connect(settings, console, new_index=True) as client:
            print_report(index_photos(handed_in.join((), client), client), console)


def _indexed(
    source: Source, options: argparse.Namespace, settings: Settings, console: Console
) -> IndexReport:
    """Index the source. With a Flow of our own that dies of a photo, find it, and go on without."""
    deaths = 0
    while True:
        with ExitStack() as stack:
            client = stack.enter_context(connect(settings, console, new_index=True))
            ours = not settings.gateway and client.url != local_gateway(settings)
            settings_of_index = with_index_of(client, settings)
            suspects = open_suspects(settings_of_index.index, settings_of_index.state)
            stack.callback(suspects.close)
            try:
                return index_with_progress(
                    source,
                    client,
                    settings_of_index,
                    console,
                    limit=options.limit,
                    prunes=options.prune,
                    again=asked_back(options),
                    handed_in=HandedIn.of(settings_of_index),
                    suspects=suspects,
                )
            except KeyboardInterrupt:
                console.print("Stopped. What is stored stays; the same command goes on from there.")
                raise
            except CrashingPhotoError as error:
                if not ours:
                    raise
                deaths = 0
                console.print(Text(str(error).partition(";")[0] + "."), soft_wrap=True)
            except PartDownError:
                deaths += 1
                if not ours or not suspects.has_waiting() or deaths > MOST_DEATHS:
                    raise
                console.print("The encoder died. Looking for the photo that it died of.")
        source = open_source(settings.source, settings)


def asked_back(options: argparse.Namespace) -> bool | frozenset[str]:
    """What `--again` names of the photos that were deleted on purpose: none, all, or some ids."""
    if options.again is None:
        return False
    return frozenset(options.again) or True


def index_with_progress(
    source: Source,
    client: Client,
    settings: Settings,
    console: Console,
    *,
    limit: int | None = None,
    prunes: bool = False,
    again: bool | frozenset[str] = False,
    handed_in: HandedIn | None = None,
    suspects: Suspects | None = None,
) -> IndexReport:
    """Index a source under a progress bar; with `prunes`, remove what has vanished from it.

    What was `handed_in` is taken along.
    """
    inventory = open_inventory(settings.index, source.location, settings.state)
    listing = Listing(islice(source, limit), inventory)
    entries = (
        handed_in.join(listing, client, keep=settings.keep, again=again) if handed_in else listing
    )
    count = source.count()
    with progress_bar(min(count, limit or count), console) as show:
        report = index_photos(
            entries,
            client,
            batch_size=settings.batch_size,
            keep=settings.keep,
            in_flight=settings.batches_in_flight,
            again=again,
            suspects=suspects,
            on_progress=show,
        )
    report = source.notes.told_in(report)
    if handed_in:
        report = replace(report, unchanged=report.unchanged + handed_in.present)
    if not prunes:
        return report
    vanished = listing.vanished()
    pruned = prune(vanished.ids, inventory, client)
    if vanished.doubt:
        pruned = Pruned(remarks=(vanished.doubt,))
    return replace(report, removed=pruned.removed, remarks=(*report.remarks, *pruned.remarks))


@contextmanager
def progress_bar(total: int, console: Console) -> Iterator[Callable[[IndexProgress], None]]:
    """A bar with photos/s, time left and skipped photos; gives what moves it on."""
    with Progress(
        TextColumn("Indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", style="cyan"),
        TimeRemainingColumn(),
        TextColumn("[yellow]{task.fields[skipped]}"),
        console=console,
        transient=True,
        disable=not console.is_interactive,  # or a pipe gets an empty line
    ) as bar:
        task = bar.add_task("", total=total, rate="", skipped="")

        def show(progress: IndexProgress) -> None:
            speed = bar.tasks[task].speed
            bar.update(
                task,
                completed=progress.done,
                rate=f"{speed:.0f} photos/s" if speed else "",
                skipped=f"{progress.skipped} skipped" if progress.skipped else "",
            )

        yield show
