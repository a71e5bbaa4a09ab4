"""The bar of tasks that go through photos."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)


class Show(Protocol):
    """Moves a bar on."""

    def __call__(self, done: int, *, remark: str = "", speed: float | None = None) -> None:
        """`done` photos are dealt with, `speed` a second; by default the bar measures it."""


@contextmanager
def photo_bar(title: str, total: int, console: Console) -> Iterator[Show]:
    """A bar with photos/s, time left and a remark, where somebody looks at it."""
    with Progress(
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", style="cyan"),
        TimeRemainingColumn(),
        TextColumn("[yellow]{task.fields[remark]}"),
        console=console,
        transient=True,
        disable=not console.is_interactive,  # or a pipe gets an empty line
    ) as bar:
        task = bar.add_task("", total=total, rate="", remark="")

        def show(done: int, *, remark: str = "", speed: float | None = None) -> None:
            speed = bar.tasks[0].speed if speed is None else speed
            rate = f"{speed:.0f} photos/s" if speed else ""
            bar.update(task, completed=done, rate=rate, remark=remark)

        yield show
