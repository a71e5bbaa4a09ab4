"""`-t index`: bring the index up to date with a source."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from rich.console import Console

from photoseek.cli.any_console import json_line
from photoseek.cli.connection import connect, with_index_of
from photoseek.cli.output import new_console
from photoseek.cli.present import print_report
from photoseek.cli.runs import (
    SoFar,
    asked_back,
    fetch_model_of,
    indexing_bar,
    suspects_of,
    take_along,
    with_reading_remark,
)
from photoseek.errors import EmptySourceError, SourceError
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.indexing.source_run import index_source
from photoseek.plain_towers.model_files import DEMO
from photoseek.records import IndexReport
from photoseek.settings import Settings
from photoseek.sources import Source, open_source

EXAMPLE_QUERY = "a boat at sunset"
ONLY_DRAWINGS = (
    "The demo's model has seen the demo's drawings and nothing else: in photographs it finds "
    "little. For those choose another --index, and leave --model out."
)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Index a source. Returns 1 when not a single photo could be used."""
    console = new_console(stderr=options.json)
    try:
        source = open_source(settings.source, settings)
    except EmptySourceError:
        take_along(settings, console)
        raise
    if options.prune and not source.lists_everything:
        raise SourceError(
            f"{settings.source} does not list everything that it has: what it no longer lists has "
            "not vanished. Leave --prune out."
        )
    so_far = SoFar()
    try:
        if options.on:
            from photoseek.cli.on_cluster import index_on_cluster  # nobody else needs it

            report = index_on_cluster(source, options, settings, console, so_far)
        else:
            report = _indexed(source, options, settings, console, so_far)
    except KeyboardInterrupt:
        console.print(so_far.kept(), highlight=False)
        raise
    report = with_reading_remark(report, settings)
    if options.json:
        print(json_line(asdict(report)))
    else:
        print_report(report, console)
        if report.indexed and console.is_terminal:
            console.print(_next_steps(settings), highlight=False, markup=False, soft_wrap=True)
            if settings.model == DEMO:
                console.print(ONLY_DRAWINGS, style="yellow", highlight=False, markup=False)
    return 0 if report.indexed or report.updated or report.unchanged or report.deleted else 1


def _next_steps(settings: Settings) -> str:
    """What to do with an index that has photos."""
    place = f" --index {quoted(settings.index)}" if "index" in settings.model_fields_set else ""
    ask = f"{command('search')} {quoted(EXAMPLE_QUERY)}{place}"
    return f"Search them:  {ask}\nSee them:     {command('serve')}{place}"


def _indexed(
    source: Source,
    options: argparse.Namespace,
    settings: Settings,
    console: Console,
    so_far: SoFar,
) -> IndexReport:
    with connect(settings, new_index=True) as index:
        settings = with_index_of(index, settings)
        fetch_model_of(index, console)
        with (
            suspects_of(settings, options.attempt, console) as suspects,
            indexing_bar(
                source, options.limit, console, so_far, settings.gateway or settings.index
            ) as show,
        ):
            return index_source(
                source,
                index,
                settings,
                limit=options.limit,
                again=asked_back(options),
                refresh=options.refresh,
                prunes=options.prune,
                suspects=suspects,
                on_progress=show,
            )
