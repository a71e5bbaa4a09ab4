"""`photoseek switch`: the name that people use stands for another index of the same engine."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.console import Console
from rich.text import Text

from photoseek.cli.any_console import json_line
from photoseek.cli.output import new_console
from photoseek.helpers.program import command
from photoseek.indexing.reindex_claim import claimed
from photoseek.records import IndexStatus
from photoseek.settings import Settings
from photoseek.store import open_store, peek_model, switch_index
from photoseek.store.naming import ReindexingEngine
from photoseek.store.registry import plain_engine
from photoseek.store.run_state import run_state


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Let the name of --index stand for the index of --to."""
    name = settings.index
    opened = open_store(name, settings=settings) if peek_model(name, settings) else None
    before = opened.status() if opened else None
    with _claimed(name, settings) if opened else nullcontext():
        stood_for = switch_index(name, options.to, settings)
    follows = opened is not None and not opened.stands()
    after = open_store(name, settings=settings).status()
    if options.json:
        print(json_line({"index": name, **_about(after), "before": _before(before, stood_for)}))
    else:
        _print(name, after, before, stood_for, new_console(), follows=follows)
    return 0


def _claimed(name: str, settings: Settings) -> AbstractContextManager[object]:
    """A block in which no reindex is at work, as that would lose what is written elsewhere."""
    if not isinstance(plain_engine(name), ReindexingEngine):
        return nullcontext()
    return claimed(name, run_state(name, settings.state), settings)


def _about(status: IndexStatus) -> dict[str, Any]:
    return {"model": status.model.name, "photos": status.photos}


def _before(status: IndexStatus | None, location: str | None) -> dict[str, Any] | None:
    return {"index": location, **_about(status)} if status else None


def _print(
    name: str,
    after: IndexStatus,
    before: IndexStatus | None,
    stood_for: str | None,
    console: Console,
    *,
    follows: bool,
) -> None:
    model = f"of the model '{after.model.name}'"
    lines = [f"{name} stands for an index {model} now; photos: {after.photos:,}."]
    if before and stood_for:
        serving = (
            "What serves the name follows within a second."
            if follows
            else "Whoever has it open goes on with it: start again what serves it."
        )
        lines += [
            f"The index of before is at {stood_for} as it was: '{before.model.name}', photos: "
            f"{before.photos:,}. {serving}",
            f"To undo this: {command('switch')} --index {name} --to {stood_for}",
        ]
    for line in lines:
        console.print(Text(line), soft_wrap=True)
