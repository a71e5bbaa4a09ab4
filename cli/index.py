"""`-t index`: bring the index up to date with a source."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from cli.connection import connect
from cli.present import print_report
from photoseek.client import Client
from photoseek.indexing import IndexProgress, index_photos
from photoseek.records import IndexReport
from photoseek.settings import Settings
from photoseek.sources import Source, open_source


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Index a source. Returns 1 when not a single photo could be used."""
    console = Console(stderr=options.json)
    source = open_source(settings.source)
    with connect(settings, console, new_index=True) as client:
        try:
            report = index_with_progress(source, client, settings, console, limit=options.limit)
        except KeyboardInterrupt:
            console.print("Stopped. What is stored stays; the same command goes on from there.")
            raise
    if options.json:
        print(json.dumps(asdict(report), ensure_ascii=False))
    else:
        print_report(report, console)
    return 0 if report.indexed or report.updated or report.unchanged else 1


def index_with_progress(
    source: Source,
    client: Client,
    settings: Settings,
    console: Console,
    *,
    limit: int | None = None,
) -> IndexReport:
    """Index a source under a progress bar with photos/s, time left and skipped photos."""
    count = source.count()
    total = min(count, limit or count)
    with Progress(
        TextColumn("Indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", style="cyan"),
        TimeRemainingColumn(),
        TextColumn("[yellow]{task.fields[skipped]}"),
        console=console,
        transient=True,
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

        return index_photos(
            source, client, limit=limit, batch_size=settings.batch_size, on_progress=show
        )
