"""`work`: bring into an index what the messages of a queue tell of a bucket."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.child import Attempt
from photoseek.cli.connection import connect, has_gone, with_index_of
from photoseek.cli.output import new_console
from photoseek.cli.present import print_report
from photoseek.cli.runs import fetch_model_of, suspects_of
from photoseek.engine import PhotoSearch
from photoseek.errors import (
    ModelMismatchError,
    PhotoseekError,
    ServiceError,
    SourceError,
)
from photoseek.events import open_queue
from photoseek.events.queues import LONGEST_WAIT, Queue
from photoseek.events.sweeps import Sweeps
from photoseek.events.worker import Worker
from photoseek.files.filestore import open_files
from photoseek.helpers.uri import is_s3
from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.source_run import index_source
from photoseek.indexing.suspects import Suspects
from photoseek.records import IndexReport
from photoseek.settings import Settings
from photoseek.sources.bucket import BucketSource
from photoseek.store.run_state import run_state

if TYPE_CHECKING:
    from photoseek.client import Client

PAUSE = 5.0
"""Seconds before the next attempt where something could not be reached."""


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Work until Ctrl-C or SIGTERM, or until the queue is empty where that is asked for."""
    console = new_console(stderr=options.json)
    if not is_s3(settings.source):
        raise SourceError(
            f"work follows a bucket, and {settings.source[:200]!r} is none. "
            "Name it: --source s3://BUCKET/PREFIX"
        )
    queue = open_queue(options.queue, hold=options.hold)
    if not queue.has_dead_letters:
        line = "The queue has no dead-letter queue: messages that cannot be used are dropped."
        console.print(Text(line, style="yellow"), soft_wrap=True)
    while True:
        with connect(settings, new_index=True) as index:
            fetch_model_of(index, console)
            attempt: Attempt = options.attempt
            here = with_index_of(index, settings)
            with suspects_of(here, attempt, console) as suspects:
                if _Work(options, here, console, queue, suspects).go_on(index):
                    return 0
        time.sleep(PAUSE)  # the gateway went away: take the one that runs then


class _Work:
    def __init__(
        self,
        options: argparse.Namespace,
        settings: Settings,
        console: Console,
        queue: Queue,
        suspects: Suspects,
    ) -> None:
        source = BucketSource(open_files(settings.source))
        self._options = options
        self._settings = settings
        self._console = console
        self._queue = queue
        self._suspects = suspects
        self._told = ""
        self._sweeps = Sweeps(run_state(settings.index, settings.state), source.location)
        self._worker = Worker(
            queue,
            source,
            open_inventory(settings.index, source.location, settings.state),
            batch_size=settings.batch_size,
            keep=settings.keep,
            suspects=suspects,
            on_buried=self._tell_buried,
        )

    def go_on(self, index: PhotoSearch | Client) -> bool:
        """Work. True is the end, since the queue is empty; false says that the gateway has gone."""
        wait = 1 if self._options.until_empty else LONGEST_WAIT
        while True:
            try:
                self._sweep_in_turn(index)
                report = self._worker.round(index, wait)
                self._told = ""
            except ModelMismatchError:
                raise  # no later round could do better
            except PhotoseekError as error:
                self._tell(error)
                if isinstance(error, ServiceError) and has_gone(index):
                    return False
                time.sleep(PAUSE)
                continue
            if report is not None:
                self._show(report)
            elif self._options.until_empty:
                return True

    def _sweep_in_turn(self, index: PhotoSearch | Client) -> None:
        hours = self._options.sweep
        if not hours or not self._sweeps.take_turn(hours * 3600):
            return
        try:
            source = BucketSource(open_files(self._settings.source))
            report = index_source(
                source, index, self._settings, prunes=True, suspects=self._suspects
            )
        except BaseException:
            self._sweeps.give_back()
            raise
        self._show(report)

    def _show(self, report: IndexReport) -> None:
        changed = report.indexed or report.updated or report.removed
        if not (changed or report.skipped or report.remarks):
            return
        if self._options.json:
            print(json_line(asdict(report)), flush=True)
        else:
            self._console.print(f"{time.strftime('%H:%M:%S')} ", end="", style="dim")
            print_report(report, self._console)

    def _tell(self, error: PhotoseekError) -> None:
        if str(error) != self._told:
            line = f"{error} Trying again every {PAUSE:g} s."
            new_console(stderr=True).print(Text(line, style="bold red"), soft_wrap=True)
        self._told = str(error)

    def _tell_buried(self, message: str, reason: str) -> None:
        place = "moved to the dead-letter queue" if self._queue.has_dead_letters else "dropped"
        line = f"Message {message} is {place}. {reason}"
        new_console(stderr=True).print(Text(line, style="bold red"), soft_wrap=True)
