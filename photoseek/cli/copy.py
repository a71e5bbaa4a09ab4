"""`photoseek copy`: the same index in another place, in whatever store."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.missing import none_here
from photoseek.cli.output import new_console, print_sentence
from photoseek.cli.present import print_counts
from photoseek.cli.progress import photo_bar
from photoseek.engine import PhotoSearch
from photoseek.helpers.counted import counted
from photoseek.indexing.copying import CopyProgress
from photoseek.records import CopyReport
from photoseek.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Copy an index. Returns 1 when the copy is not what it was made of."""
    console = new_console(stderr=options.json)
    given = {"index": options.origin} if options.origin else {}
    with PhotoSearch(settings.model_copy(update=given)) as index:
        status = index.index_status()
        if status is None:
            raise none_here(index.settings)
        so_far = _SoFar()
        try:
            with _bar(status.photos, console, so_far) as show:
                report = index.copy_to(options.to, on_progress=show)
        except KeyboardInterrupt:
            console.print(so_far.kept(options.to), highlight=False, markup=False)
            raise
    if options.json:
        print(json_line(asdict(report)))
    else:
        _print(report, console)
    return 0 if report.is_verified else 1


class _SoFar:
    """How far a copy is when somebody stops it."""

    def __init__(self) -> None:
        self.progress = CopyProgress()

    def kept(self, place: str) -> str:
        """What is kept of it, in a sentence."""
        done = self.progress
        return (
            f"Stopped. {done.done:,} of {counted(done.total, 'photo is', 'photos are')} in "
            f"{place}; the same command goes on from there."
        )


@contextmanager
def _bar(total: int, console: Console, so_far: _SoFar) -> Iterator[Callable[[CopyProgress], None]]:
    with photo_bar("Copying", total, console) as show:

        def move(progress: CopyProgress) -> None:
            so_far.progress = progress
            there = progress.done - progress.stored
            show(progress.done, remark=f"{there:,} were there" if there else "")

        yield move


def _print(report: CopyReport, console: Console) -> None:
    parts = [f"[bold]{report.copied:,}[/] copied"]
    parts += [f"{report.updated:,} updated"] if report.updated else []
    parts += [f"{report.unchanged:,} unchanged"] if report.unchanged else []
    parts += [f"{report.removed:,} removed"] if report.removed else []
    print_counts(parts, report, console)
    if report.is_verified:
        line = (
            f"{report.target} has the same {counted(report.photos, 'photo', 'photos')}; "
            f"vectors, descriptions and what is kept of {report.compared:,} of them were compared."
        )
        console.print(Text(line), soft_wrap=True)
    for remark in report.remarks:
        print_sentence(console, remark, "yellow")
