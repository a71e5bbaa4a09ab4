"""`-t index`: bring the index up to date with a source."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

from cli.connection import connect, with_index_of
from cli.output import new_console
from cli.present import print_report
from photoseek.client import Client
from photoseek.errors import EmptySourceError, SourceError
from photoseek.indexing import IndexProgress, index_photos
from photoseek.pruning import Listing, Pruned, prune
from photoseek.records import IndexReport
from photoseek.settings import Settings
from photoseek.sources import Source, open_source
from photoseek.sources.stock import is_stock
from photoseek.store.inventory import open_inventory
from photoseek.uploads import HandedIn


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Index a source. Returns 1 when not a single photo could be used."""
    if options.watch:
        from cli.watch import watch

        watch(options, settings)
    console = new_console(stderr=options.json)
    if options.prune and is_stock(settings.source):
        raise SourceError(
            f"{settings.source} is a search: what it no longer finds has not vanished. Leave "
            "--prune out."
        )
    try:
        source = open_source(settings.source, settings)
    except EmptySourceError:
        take_along(settings, console)
        raise
    with connect(settings, console, new_index=True) as client:
        settings = with_index_of(client, settings)
        try:
            report = index_with_progress(
                source,
                client,
                settings,
                console,
                limit=options.limit,
                prunes=options.prune,
                again=asked_back(options),
                handed_in=HandedIn.of(settings),
            )
        except KeyboardInterrupt:
            console.print("Stopped. What is stored stays; the same command goes on from there.")
            raise
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
) -> IndexReport:
    """Index a source under a progress bar; with `prunes`, remove what has vanished from it.

    What was `handed_in` is taken along.
    """
    inventory = open_inventory(settings.index, source.location)
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
