"""What one indexing run and a watch have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from photoseek.cli.child import Attempt
from photoseek.cli.connection import connect
from photoseek.cli.present import print_report
from photoseek.cli.progress import photo_bar
from photoseek.indexing.run import IndexProgress, index_photos
from photoseek.indexing.suspects import Suspects, open_suspects
from photoseek.indexing.uploads import HandedIn
from photoseek.settings import IndexSettings, Settings
from photoseek.sources import Source


def asked_back(options: argparse.Namespace) -> bool | frozenset[str]:
    """What `--again` names of the photos that were deleted on purpose: none, all, or some ids."""
    if options.again is None:
        return False
    return frozenset(options.again) or True


def take_along(settings: Settings, console: Console) -> None:
    """Index what was handed in, if anything was, for the want of a source with photos."""
    handed_in = HandedIn.of(settings)
    if handed_in and handed_in.exist():
        with connect(settings, new_index=True) as index:
            print_report(index_photos(handed_in.join((), index), index), console)


@dataclass(slots=True)
class SoFar:
    """What a run has done when somebody stops it; None while that is not counted."""

    progress: IndexProgress | None = None

    def kept(self) -> str:
        """What is kept of it, in a sentence."""
        done = self.progress
        if done is None:
            return "Stopped. What is stored stays; the same command goes on from there."
        stored = done.indexed + done.updated
        parts = [f"{stored:,} {'photo is' if stored == 1 else 'photos are'} stored"]
        parts += [f"{done.unchanged:,} were there before"] if done.unchanged else []
        parts += [f"{done.skipped:,} were left out"] if done.skipped else []
        return f"Stopped. {', '.join(parts)}; the same command goes on from there."


@contextmanager
def indexing_bar(
    source: Source, limit: int | None, console: Console, so_far: SoFar
) -> Iterator[Callable[[IndexProgress], None]]:
    """A bar over the entries of a source; gives what moves it on, and notes how far it came."""
    count = source.count()
    with photo_bar("Indexing", min(count, limit or count), console) as show:

        def move(progress: IndexProgress) -> None:
            so_far.progress = progress
            skipped = f"{progress.skipped} skipped" if progress.skipped else ""
            show(progress.done, remark=skipped)

        yield move


@contextmanager
def suspects_of(settings: IndexSettings, attempt: Attempt, console: Console) -> Iterator[Suspects]:
    """The photos that may have killed a process at work on the index of the settings.

    The one that the attempt before died of is told.
    """

    def found(uri: str) -> None:
        attempt.found()
        line = f"The process died at {uri}, for the second time. It is left out from now on."
        console.print(Text(line), soft_wrap=True)

    suspects = open_suspects(settings.index, settings.state, died=attempt.died, on_found=found)
    try:
        yield suspects
    finally:
        suspects.close()
