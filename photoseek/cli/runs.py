"""What one indexing run and a watch have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from photoseek.cli.child import Attempt
from photoseek.cli.connection import connect
from photoseek.cli.present import print_report
from photoseek.cli.progress import photo_bar
from photoseek.engine import PhotoSearch
from photoseek.helpers.counted import counted
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.program import command
from photoseek.indexing.choosing_model import no_runtime, onnx_model
from photoseek.indexing.default_model import default_model
from photoseek.indexing.run import index_photos
from photoseek.indexing.run_tally import IndexProgress
from photoseek.indexing.suspects import (
    ENCODING,
    TUNING,
    Guarded,
    Suspects,
    open_own_suspects,
    open_suspects,
)
from photoseek.indexing.uploads import HandedIn
from photoseek.indexing.use_of_torch import has_torch
from photoseek.onnx_towers import exports_folder, find_export
from photoseek.onnx_towers.model_names import split_name
from photoseek.plain_towers import fetch_plain
from photoseek.plain_towers.model_files import weights_on_this_machine
from photoseek.records import IndexReport
from photoseek.settings import IndexSettings, ModelSettings, Settings
from photoseek.sources import Source
from photoseek.store import peek_model

if TYPE_CHECKING:
    from photoseek.client import Client


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
        parts = [f"{counted(stored, 'photo is', 'photos are')} stored"]
        parts += [f"{done.unchanged:,} were there before"] if done.unchanged else []
        parts += [f"{done.skipped:,} were left out"] if done.skipped else []
        return f"Stopped. {', '.join(parts)}; the same command goes on from there."


@contextmanager
def indexing_bar(
    source: Source, limit: int | None, console: Console, so_far: SoFar, index: str = ""
) -> Iterator[Callable[[IndexProgress], None]]:
    """A bar over the entries of a source, which go to an index.

    It gives what moves it on, and notes how far it came.

    Entries are counted beside the run, once it has photos to encode: counting lists a source once
    more, and where nothing is new the run is over as soon as it has been listed once.
    """
    counting: Future[int] | None = None

    def total() -> int | None:
        if counting is None or not counting.done() or counting.exception() is not None:
            return None
        return min(counting.result(), limit or counting.result())

    with photo_bar("Indexing", None, console, index=index) as show:

        def move(progress: IndexProgress) -> None:
            nonlocal counting
            so_far.progress = progress
            is_encoding = progress.done == 0 or progress.indexed + progress.updated > 0
            if counting is None and is_encoding:
                counting = in_background(source.count, "count photos")
            skipped = f"{progress.skipped} skipped" if progress.skipped else ""
            show(progress.done, remark=skipped, total=total())

        yield move


def fetch_model_of(index: PhotoSearch | Client, console: Console) -> None:
    """Fetch what a new index needs of its model; one that has photos may need nothing of it.

    Raises:
        ModelError: it cannot be had.
    """
    if isinstance(index, PhotoSearch) and peek_model(index.location, index.settings) is None:
        fetch_model(index.settings, console)


def is_here(name: str, settings: ModelSettings) -> bool:
    """Whether nothing of a model is to be fetched.

    Raises:
        ModelError: no model is called that, as far as that can be told before.
    """
    if name.startswith("local-dir:") or weights_on_this_machine(name) is not None:
        return True
    if find_export(name, exports_folder(settings.exports)) is not None:
        return True
    split_name(name, name)
    return False


def fetch_model(settings: ModelSettings, console: Console) -> None:
    """Fetch a model's weights where they are not here, outside of any bar: the client of the hub
    shows how far it is, how fast, and how long it takes.

    Raises:
        ModelError: no model is called that, or they cannot be had.
    """
    name = settings.model or default_model()
    if is_here(name, settings):
        return
    console.print(f"Fetching the model {name}, once ...", highlight=False, markup=False)
    if fetch_plain(name) or onnx_model(settings) is not None:
        return
    if not has_torch():
        raise no_runtime(name)
    from photoseek.model import load_model

    load_model(name, precision="fp32", device="cpu", towers=["text"])


@contextmanager
def suspects_of(
    settings: IndexSettings, attempt: Attempt, console: Console, work: Guarded = ENCODING
) -> Iterator[Suspects]:
    """The photos that may have killed a process at that work on the index of the settings.

    The one that the attempt before died of is told.
    """
    with closing(
        open_suspects(
            settings.index,
            settings.state,
            work=work,
            died=attempt.died,
            on_found=_telling(attempt, console),
        )
    ) as suspects:
        yield suspects


@contextmanager
def suspects_of_tuning(attempt: Attempt, console: Console) -> Iterator[Suspects]:
    """The photos that may have killed a process that read them to tune a model.

    After it none can be to blame: that is told to the process which waits for this one.
    """
    told = _telling(attempt, console)
    with closing(open_own_suspects(work=TUNING, died=attempt.died, on_found=told)) as suspects:
        suspects.begin()
        yield suspects
        suspects.end()
    attempt.has_read_all()


def _telling(attempt: Attempt, console: Console) -> Callable[[str], None]:
    """What hears of a photo that a process died of."""

    def found(uri: str) -> None:
        attempt.found()
        line = f"The process died at {uri}, for the second time. It is left out from now on."
        console.print(Text(line), soft_wrap=True)

    return found


def with_reading_remark(report: IndexReport, settings: Settings) -> IndexReport:
    """The report, with what to do about photos that are indexed, and whose text was not read."""
    if not settings.ocr or not report.unchanged:
        return report
    remark = (
        "The text of photos that were indexed before is not read by this: "
        f"{command('ocr')} reads what nobody has read yet."
    )
    return replace(report, remarks=(*report.remarks, remark))
