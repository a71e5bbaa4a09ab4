"""`-t index --watch`: stay, and keep the index up to date with a source that changes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.child import Attempt
from photoseek.cli.connection import connect, has_gone, with_index_of
from photoseek.cli.output import new_console, short_place
from photoseek.cli.present import print_report
from photoseek.cli.runs import (
    SoFar,
    asked_back,
    fetch_model_of,
    indexing_bar,
    suspects_of,
    take_along,
)
from photoseek.engine import PhotoSearch
from photoseek.errors import EmptySourceError, ModelMismatchError, PhotoseekError, ServiceError
from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.keywords import begin_keywords, keyword_remarks
from photoseek.indexing.suspects import Suspects
from photoseek.indexing.uploads import HandedIn
from photoseek.indexing.watching import Watch
from photoseek.records import IndexReport, Photo, Skip
from photoseek.settings import Settings
from photoseek.sources import Source, open_source

if TYPE_CHECKING:
    from photoseek.client import Client


def run(options: argparse.Namespace, settings: Settings) -> NoReturn:
    """Look at the source again and again, until Ctrl-C or SIGTERM."""
    console = new_console(stderr=options.json)
    so_far = SoFar()
    try:
        _stay(options, settings, console, first_source(settings, options.watch), so_far)
    except KeyboardInterrupt:
        console.print(so_far.kept(), highlight=False)
        raise


def first_source(settings: Settings, seconds: float) -> Source:
    """The source, which is waited for while it is empty, as it is in later rounds.

    What was handed in does not wait for it.

    Raises:
        SourceError: it cannot be used at all.
    """
    told = False
    while True:
        try:
            return open_source(settings.source, settings)
        except EmptySourceError as error:
            if not told:
                _tell(error, seconds)
                take_along(settings, new_console(stderr=True))
            told = True
        time.sleep(seconds)


def _stay(
    options: argparse.Namespace,
    settings: Settings,
    console: Console,
    source: Source,
    so_far: SoFar,
) -> NoReturn:
    with ExitStack() as stack:
        with connect(settings, new_index=True) as index:
            settings_of_index = with_index_of(index, settings)
            fetch_model_of(index, console)
            attempt: Attempt = options.attempt
            suspects = suspects_of(settings_of_index, attempt, console)
            rounds = _Rounds(
                options, settings_of_index, console, source, stack.enter_context(suspects), so_far
            )
            rounds.go_on(index)
        while True:  # the gateway went away: take the one that runs now, or do without
            rounds.pause()
            try:
                with connect(settings, new_index=True) as index:
                    rounds.go_on(index)
            except ServiceError as error:
                rounds.tell(error)


class _Rounds:
    def __init__(
        self,
        options: argparse.Namespace,
        settings: Settings,
        console: Console,
        source: Source,
        suspects: Suspects,
        so_far: SoFar,
    ) -> None:
        self._options = options
        self._settings = settings
        self._console = console
        self._place = short_place(source.location)
        self._first: Source | None = source
        self._so_far = so_far
        self._told = ""
        self._watch = Watch(
            open_inventory(settings.index, source.location, settings.state),
            removes=options.limit is None and source.lists_everything,
            batch_size=settings.batch_size,
            keep=settings.keep,
            suspects=suspects,
            in_flight=settings.batches_in_flight,
        )

    def go_on(self, index: PhotoSearch | Client) -> None:
        """Return when the gateway has gone."""
        while True:
            try:
                self._round(index)
                self._told = ""
            except ModelMismatchError:
                raise  # no later round could do better
            except PhotoseekError as error:
                self.tell(error)
                if isinstance(error, ServiceError) and has_gone(index):
                    return
            self.pause()

    def pause(self) -> None:
        """Wait for the next round."""
        line = Text(
            f"Watching {self._place}. Looked at {_now()}, again every {self._options.watch:g} s. "
            "Ctrl-C stops."
        )
        shown = self._console.status(line, refresh_per_second=1)
        with shown if self._console.is_terminal else nullcontext():
            time.sleep(self._options.watch)

    def tell(self, error: PhotoseekError) -> None:
        """Say what went wrong, once for as long as it goes wrong in the same way."""
        if str(error) != self._told:
            _tell(error, self._options.watch)
        self._told = str(error)

    def _round(self, index: PhotoSearch | Client) -> None:
        changed = begin_keywords(index, self._settings)
        first, self._first = self._first, None
        source = first or open_source(self._settings.source, self._settings)
        entries = islice(source, self._options.limit)
        if first is None:
            report = self._watch.round(
                entries,
                index,
                noticed=source.notes.told_in,
                take_along=self._handed_in_to(index),
            )
            self._show(report, always=False)
            return
        with indexing_bar(source, self._options.limit, self._console, self._so_far) as show:
            again = asked_back(self._options)
            report = self._watch.round(
                entries,
                index,
                show,
                again=again,
                noticed=source.notes.told_in,
                take_along=self._handed_in_to(index, again),
            )
        self._so_far.progress = None  # what later rounds do is told after each
        told = keyword_remarks(index, self._settings, changed)
        self._show(replace(report, remarks=(*report.remarks, *told)), always=True)

    def _handed_in_to(
        self, index: PhotoSearch | Client, again: bool | frozenset[str] = False
    ) -> Callable[[Iterable[Photo | Skip]], Iterable[Photo | Skip]] | None:
        handed_in = HandedIn.of(self._settings)
        if handed_in is None:
            return None
        return partial(handed_in.join, index=index, keep=self._settings.keep, again=again)

    def _show(self, report: IndexReport, *, always: bool) -> None:
        changed = report.indexed or report.updated or report.removed
        news = bool(changed or report.skipped or report.remarks or report.not_read)
        if self._options.json and news:
            print(json_line(asdict(report)), flush=True)
        elif not self._options.json and (news or always):
            self._console.print(f"{_now()} ", end="", style="dim", highlight=False)
            print_report(report, self._console)


def _tell(error: PhotoseekError, seconds: float) -> None:
    line = Text(f"{_now()} {error} Trying again every {seconds:g} s.", style="bold red")
    new_console(stderr=True).print(line, soft_wrap=True)


def _now() -> str:
    return f"{datetime.now():%H:%M:%S}"
