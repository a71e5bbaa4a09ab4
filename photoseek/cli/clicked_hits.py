"""`photoseek clicks`: what people said of hits, as a table that evaluate takes."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.output import new_console
from photoseek.errors import StorageError
from photoseek.files.atomic import replacing
from photoseek.helpers.counted import counted
from photoseek.helpers.program import command
from photoseek.indexing.clicks import Click, Clicks
from photoseek.settings import Settings
from photoseek.sources.manifest_columns import guarded
from photoseek.store import no_index, peek_model

COLUMNS = ("query", "photo", "grade", "at")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Tell how many clicks there are, write them to a file, or remove them."""
    if peek_model(settings.index, settings) is None:
        raise no_index(settings.index)
    clicks = Clicks(settings.index, settings.state)
    console = new_console(stderr=options.json or options.to == "-")
    if options.forget:
        gone = counted(clicks.forget(), "click is", "clicks are")
        console.print(f"{gone} removed.", highlight=False)
        return 0
    found = clicks.opinions()
    good = sum(click.good for click in found)
    if options.to:
        _write(options.to, found)
    if options.json:
        queries = len({click.query for click in found})
        print(json_line({"good": good, "wrong": len(found) - good, "queries": queries}))
        return 0
    line = f"{good:,} good hits and {len(found) - good:,} wrong ones"
    console.print(Text(line + (f" are in {options.to}." if options.to else ".")), soft_wrap=True)
    if found and not options.to:
        console.print(f"Write them to a file: {command('clicks')} --to clicks.csv", style="dim")
    return 0


def _write(place: str, clicks: Iterable[Click]) -> None:
    """Write clicks to a file, whole or not at all, or to standard output."""
    try:
        with ExitStack() as files:
            if place == "-":
                file = sys.stdout
            else:
                part = files.enter_context(replacing(Path(place).expanduser()))
                file = files.enter_context(part.open("w", encoding="utf-8-sig", newline=""))
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            for click in clicks:
                at = datetime.fromtimestamp(click.at, UTC).isoformat(timespec="seconds")
                cells = (click.query, click.photo, str(int(click.good)), at)
                table.writerow([guarded(cell) for cell in cells])
    except OSError as error:
        raise StorageError(f"{place} cannot be written: {error.strerror or error}.") from error
