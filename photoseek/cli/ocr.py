"""`photoseek ocr`: the text in the pictures of an index."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from rich.console import Console

from photoseek.cli.any_console import json_line
from photoseek.cli.missing import none_here
from photoseek.cli.output import new_console, print_sentence
from photoseek.cli.present import print_counts, print_skips
from photoseek.cli.progress import photo_bar
from photoseek.cli.runs import suspects_of
from photoseek.engine import PhotoSearch
from photoseek.helpers.counted import counted
from photoseek.helpers.extras import check_extra
from photoseek.indexing.suspects import READING
from photoseek.indexing.text_tally import TextProgress
from photoseek.records import TextReport
from photoseek.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Read text. Returns 1 when there were photos to read and not a single one could be."""
    check_extra("ocr")
    console = new_console(stderr=options.json)
    so_far = _SoFar()
    with PhotoSearch(settings) as index:
        if index.index_status() is None:
            raise none_here(settings)
        total = index.browse(top_k=1, where=options.filter).total
        try:
            with (
                suspects_of(settings, options.attempt, console, READING) as suspects,
                _bar(total, console, so_far) as show,
            ):
                report = index.read_texts(
                    where=options.filter,
                    limit=options.limit,
                    again=options.again,
                    on_progress=show,
                    suspects=suspects,
                )
        except KeyboardInterrupt:
            console.print(so_far.kept(), highlight=False)
            raise
    if options.json:
        print(json_line(asdict(report)))
    else:
        _print(report, console)
    return 0 if report.read or not report.skipped else 1


class _SoFar:
    """How far a run is when somebody stops it."""

    def __init__(self) -> None:
        self.progress = TextProgress()

    def kept(self) -> str:
        """What is kept of it, in a sentence."""
        read = counted(self.progress.read, "photo was", "photos were")
        return f"Stopped. {read} read; the same command goes on."


@contextmanager
def _bar(total: int, console: Console, so_far: _SoFar) -> Iterator[Callable[[TextProgress], None]]:
    with photo_bar("Reading", total, console) as show:

        def move(progress: TextProgress) -> None:
            so_far.progress = progress
            skipped = f"{progress.skipped} skipped" if progress.skipped else ""
            show(progress.done, remark=skipped)

        yield move


def _print(report: TextReport, console: Console) -> None:
    parts = [f"[bold]{report.read:,}[/] read, {report.with_text:,} of them with text"]
    parts += [f"{report.unchanged:,} were read before"] if report.unchanged else []
    parts += [f"{len(report.skipped):,} skipped"] if report.skipped else []
    print_counts(parts, report, console)
    print_skips(report.skipped, console)
    for remark in report.remarks:
        print_sentence(console, remark, "yellow")
