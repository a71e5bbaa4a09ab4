"""How far a task is that goes through photos: a bar on a terminal, and without one a line a minute.

A bar moves on standard error where standard output leads somewhere else. Lines go there too, so
that what is written to a pipe or a file stays as it is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
)
from rich.text import Text
from typing_extensions import override

from photoseek.cli.output import new_console
from photoseek.cli.quiet import QUIET_SECONDS, Quiet
from photoseek.indexing.pace import Pace

LINE_SECONDS = 60.0
"""From one line to the next where nobody looks at a bar."""


class Show(Protocol):
    """Moves a bar on."""

    def __call__(
        self, done: int, *, remark: str = "", speed: float | None = None, total: int | None = None
    ) -> None:
        """`done` photos are dealt with, `speed` a second; by default the bar measures it.

        `total` is how many there are, where nobody knew at the beginning.
        """


@contextmanager
def photo_bar(
    title: str,
    total: int | None,
    console: Console,
    *,
    line_seconds: float = LINE_SECONDS,
    index: str = "",
    quiet_seconds: float = QUIET_SECONDS,
) -> Iterator[Show]:
    """What shows photos/s, time left and a remark, on the console or else on standard error.

    There is no time left, and no end of the bar, before the total is known. Where an `index` is
    named that photos go to, it is said when none was done for `quiet_seconds`.
    """
    place = console if console.is_interactive else new_console(stderr=True)

    def tell(passed: float) -> None:
        line = (
            f"No photo was done for {passed:.0f} s. {index}, or a place that photos are read from, "
            "does not answer, or a photo takes long. A place that is silent is waited for some "
            "minutes. Ctrl-C stops; the same command goes on from there."
        )
        place.print(line, highlight=False, markup=False, soft_wrap=True)

    quiet = Quiet(tell, quiet_seconds) if index else None
    with quiet or nullcontext(), _shown(title, total, place, line_seconds) as plain:

        def show(
            done: int, *, remark: str = "", speed: float | None = None, total: int | None = None
        ) -> None:
            if quiet is not None:
                quiet.moved()
            plain(done, remark=remark, speed=speed, total=total)

        yield show


@contextmanager
def _shown(title: str, total: int | None, place: Console, line_seconds: float) -> Iterator[Show]:
    if not place.is_interactive:
        yield _Lines(title, total, place, line_seconds)
        return
    pace = Pace()
    with Progress(
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        _SpeedColumn(pace),
        TextColumn("[yellow]{task.fields[remark]}"),
        console=place,
        transient=True,
        redirect_stdout=not place.stderr,
    ) as bar:
        task = bar.add_task("", total=total, speed=None, remark="")

        def show(
            done: int, *, remark: str = "", speed: float | None = None, total: int | None = None
        ) -> None:
            pace.note(done)
            bar.update(task, completed=done, total=total, speed=speed, remark=remark)

        yield show


class _SpeedColumn(ProgressColumn):
    """Photos/s and the time left, by the last seconds."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self._pace = pace

    @override
    def render(self, task: Task) -> Text:
        given: float | None = task.fields["speed"]
        speed = self._pace.per_second() if given is None else given
        left = task.remaining / speed if speed and task.remaining is not None else None
        told = f" {timedelta(seconds=round(left))}" if left is not None else ""
        return Text(f"{rate_of(speed)}{told}", style="cyan")


class _Lines:
    """A line for whoever reads a log, when enough time has passed since the last one."""

    def __init__(self, title: str, total: int | None, console: Console, seconds: float) -> None:
        self._title = title
        self._total = total
        self._console = console
        self._seconds = seconds
        self._begun = self._told = time.monotonic()

    def __call__(
        self, done: int, *, remark: str = "", speed: float | None = None, total: int | None = None
    ) -> None:
        self._total = total if total is not None else self._total
        now = time.monotonic()
        if now - self._told < self._seconds:
            return
        self._told = now
        speed = done / max(now - self._begun, 1e-9) if speed is None else speed
        left, of = "", ""
        if self._total is not None:
            left = _time_left((self._total - done) / speed) if speed and done < self._total else ""
            of = f" of {self._total:,}"
        parts = [f"{self._title}: {done:,}{of}", rate_of(speed), left, remark]
        line = ", ".join(part for part in parts if part)
        self._console.print(line, highlight=False, markup=False)


def rate_of(speed: float) -> str:
    """Photos per second in words, "" for none."""
    if not speed:
        return ""
    return f"{speed:,.0f} photos/s" if speed >= 10 else f"{speed:.1f} photos/s"


def _time_left(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute left"
    return f"{minutes // 60} h {minutes % 60} min left" if minutes >= 60 else f"{minutes} min left"
